package io.cashew.proxy.admin;

import java.util.List;
import java.util.Locale;

/**
 * The shares of a pool's nodes as a picture: an inner ring of one arc a node, as long as its share;
 * around it, where the distribution has an order, the continuum or the slots with the node of each
 * place. Readable on light and dark ground.
 */
public final class RingPicture {
  private static final int CENTRE = 160;
  private static final int LEGEND = 340;
  private static final int LINE = 22;

  private RingPicture() {}

  /**
   * Draws.
   *
   * @param title what it is
   * @param names of the nodes
   * @param shares of the nodes, 0 to 1
   * @param around index of the node at each place; empty: there is no such order
   * @return a whole SVG document
   */
  public static String svg(
      String title, List<String> names, List<Double> shares, List<Integer> around) {
    int height = Math.max(2 * CENTRE, 40 + LINE * names.size());
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 %d" role="img" aria-label="%s">
        <style>text{font:14px sans-serif;fill:#222}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>
        <title>%s</title>
        """
            .formatted(height, escaped(title), escaped(title)));
    double from = 0;
    for (int i = 0; i < names.size(); i++) {
      String tip = names.get(i) + " " + percent(shares.get(i));
      arc(svg, 60, 105, from, from + shares.get(i), colour(i, names.size()), tip);
      from += shares.get(i);
    }
    for (int i = 0; i < around.size(); ) {
      int end = i;
      while (end < around.size() && around.get(end).equals(around.get(i))) {
        end++;
      }
      int node = around.get(i);
      double size = around.size();
      arc(svg, 112, 150, i / size, end / size, colour(node, names.size()), names.get(node));
      i = end;
    }
    for (int i = 0; i < names.size(); i++) {
      int y = 30 + LINE * i;
      svg.append(
          """
          <rect x="%d" y="%d" width="14" height="14" rx="3" fill="%s"/>
          <text x="%d" y="%d">%s %s</text>
          """
              .formatted(
                  LEGEND,
                  y,
                  colour(i, names.size()),
                  LEGEND + 22,
                  y + 12,
                  percent(shares.get(i)),
                  escaped(names.get(i))));
    }
    return svg.append("</svg>\n").toString();
  }

  private static void arc(
      StringBuilder svg, int inner, int outer, double from, double to, String colour, String tip) {
    if (to <= from) {
      return;
    }
    if (to - from > 0.999) { // an arc that ends where it begins would be none
      svg.append(
          "<circle cx=\"%d\" cy=\"%d\" r=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%d\"><title>%s</title></circle>\n"
              .formatted(CENTRE, CENTRE, (inner + outer) / 2, colour, outer - inner, escaped(tip)));
      return;
    }
    int large = to - from > 0.5 ? 1 : 0;
    svg.append(
        "<path fill=\"%s\" d=\"M%s A%d %d 0 %d 1 %s L%s A%d %d 0 %d 0 %s Z\"><title>%s</title></path>\n"
            .formatted(
                colour,
                place(outer, from),
                outer,
                outer,
                large,
                place(outer, to),
                place(inner, to),
                inner,
                inner,
                large,
                place(inner, from),
                escaped(tip)));
  }

  /** A place on a circle: 0 is at the top, and it goes round as a clock does. */
  private static String place(int radius, double turn) {
    double angle = 2 * Math.PI * turn;
    return String.format(
        Locale.ROOT,
        "%.2f %.2f",
        CENTRE + radius * Math.sin(angle),
        CENTRE - radius * Math.cos(angle));
  }

  /** Colours that lie as far from each other as so many can. */
  private static String colour(int node, int nodes) {
    int hue = nodes <= 12 ? 360 * node / Math.max(1, nodes) : (int) (node * 137.508 % 360);
    return "hsl(" + hue + ",65%," + (node % 2 == 0 ? 48 : 58) + "%)";
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", share * 100);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
