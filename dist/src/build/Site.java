import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * Makes pages of the documents that a browser shows without a network and without scripts. Run by
 * the build, with the root of the repository and a directory that is docs/html of what is built: so
 * links to conf/ and deploy/ find what is beside it.
 */
final class Site {
  /** All documents, in the order in which they are listed; a line without a name is a heading. */
  private static final String[][] ORDER = {
    {"", "Begin"},
    {"README.md", "index.html"},
    {"docs/clients.md"},
    {"docs/configuration.md"},
    {"", "Servers"},
    {"docs/topologies.md"},
    {"docs/routes.md"},
    {"docs/caching.md"},
    {"docs/memcached.md"},
    {"", "Operate"},
    {"docs/operations.md"},
    {"docs/security.md"},
    {"docs/metrics.md"},
    {"docs/performance.md"},
    {"", "Come from"},
    {"docs/migrating-from-twemproxy.md"},
    {"docs/migrating-from-sharded-jedis.md"},
    {"", "Look up"},
    {"docs/commands.md"},
    {"docs/faults.md"},
    {"docs/architecture.md"},
    {"docs/testing.md"},
    {"CHANGELOG.md", "changelog.html"},
  };

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --line: #8884; --link: light-dark(#0550ae, #79b8ff); }
      body { margin: 0; font: 16px/1.55 system-ui, sans-serif; display: flex; align-items: flex-start; }
      nav { flex: 0 0 15rem; box-sizing: border-box; position: sticky; top: 0; max-height: 100vh; overflow: auto;
        padding: 1.2rem; font-size: .9rem; border-right: 1px solid var(--line); }
      nav b { display: block; margin: 1rem 0 .2rem; } nav ul { margin: 0; padding-left: 1rem; list-style: none; }
      nav a { display: block; padding: .1rem 0; } nav a[aria-current] { font-weight: bold; }
      main { flex: 1; min-width: 0; max-width: 60rem; padding: 1rem 2rem 4rem; }
      a { color: var(--link); text-decoration: none; } a:hover, a:focus { text-decoration: underline; }
      h1, h2, h3 { line-height: 1.25; scroll-margin-top: 1rem; } h2 { border-bottom: 1px solid var(--line); }
      code, pre { font: .88em/1.45 ui-monospace, monospace; background: #8882; border-radius: 4px; }
      code { padding: .1em .25em; } pre { padding: .8rem; overflow: auto; } pre code { padding: 0; background: none; }
      .wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .92em; }
      th, td { border: 1px solid var(--line); padding: .3rem .55rem; text-align: left; vertical-align: top; }
      img { max-width: 100%; height: auto; background: #fff; }
      @media (max-width: 50rem) { body { display: block; } nav { position: static; max-height: none; border: 0; }
        main { padding: 0 1rem 3rem; } }
      @media print { nav { display: none; } }
      """;

  private final Path root;
  private final Path out;
  private final Map<String, Page> pages = new LinkedHashMap<>();
  private final Set<Path> copied = new TreeSet<>();

  private record Section(String id, String title) {}

  private record Page(String name, Node document, String title, List<Section> sections) {}

  private Site(Path root, Path out) {
    this.root = root;
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException {
    new Site(Path.of(arguments[0]).toRealPath(), Path.of(arguments[1])).write();
  }

  private void write() throws IOException {
    List<Extension> extensions = List.of(TablesExtension.create());
    Parser parser = Parser.builder().extensions(extensions).build();
    for (String[] each : ORDER) {
      if (!each[0].isEmpty()) {
        Node document = parser.parse(Files.readString(root.resolve(each[0])));
        String name = each.length > 1 ? each[1] : each[0].replaceAll(".*/|\\.md$", "") + ".html";
        pages.put(each[0], page(name, document));
      }
    }
    try (var documents = Files.newDirectoryStream(root.resolve("docs"), "*.md")) {
      for (Path each : documents) {
        if (!pages.containsKey(root.relativize(each).toString())) {
          throw new IOException(each + " is not listed in Site.java");
        }
      }
    }
    Files.createDirectories(out);
    HtmlRenderer renderer =
        HtmlRenderer.builder()
            .extensions(extensions)
            .attributeProviderFactory(
                context ->
                    (node, tag, attributes) -> {
                      if (node instanceof Heading heading && tag.startsWith("h")) {
                        attributes.put("id", ids.get(heading));
                      }
                    })
            .build();
    for (Map.Entry<String, Page> each : pages.entrySet()) {
      links(Path.of(each.getKey()), each.getValue().document());
      String body =
          renderer
              .render(each.getValue().document())
              .replace("<table>", "<div class=\"wide\"><table>")
              .replace("</table>", "</table></div>");
      Files.writeString(out.resolve(each.getValue().name()), html(each.getValue(), body));
    }
    Files.writeString(out.resolve("style.css"), STYLE);
    for (Path each : copied) {
      Files.write(out.resolve(each.getFileName()), Files.readAllBytes(root.resolve(each)));
    }
  }

  // ---------------------------------------------------------------- headings

  private final Map<Heading, String> ids = new LinkedHashMap<>();

  /** Finds its headings, and gives them the names that GitHub gives them. */
  private Page page(String name, Node document) {
    Set<String> taken = new HashSet<>();
    List<Section> sections = new ArrayList<>();
    List<String> titles = new ArrayList<>();
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Heading heading) {
            String text = text(heading);
            String slug =
                text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-');
            String id = slug;
            for (int i = 1; !taken.add(id); i++) {
              id = slug + "-" + i;
            }
            ids.put(heading, id);
            if (heading.getLevel() == 1) {
              titles.add(text);
            } else if (heading.getLevel() == 2) {
              sections.add(new Section(id, text));
            }
          }
        });
    return new Page(name, document, titles.isEmpty() ? name : titles.get(0), sections);
  }

  private static String text(Node of) {
    StringBuilder text = new StringBuilder();
    of.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text each) {
            text.append(each.getLiteral());
          }

          @Override
          public void visit(Code each) {
            text.append(each.getLiteral());
          }

          @Override
          public void visit(SoftLineBreak each) {
            text.append(' ');
          }
        });
    return text.toString();
  }

  // ---------------------------------------------------------------- links

  private void links(Path from, Node document) {
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Link link) {
            link.setDestination(destination(from, link.getDestination()));
          }

          @Override
          public void visit(Image image) {
            image.setDestination(destination(from, image.getDestination()));
          }

          /** The name of a document, written as code, leads to it. */
          @Override
          public void visit(Code code) {
            Page named = pages.get(code.getLiteral());
            if (named != null) {
              Link link = new Link(named.name(), null);
              code.insertBefore(link);
              link.appendChild(code);
            }
          }
        });
  }

  private String destination(Path from, String to) {
    if (to.matches("[a-z]+:.*") || to.startsWith("#")) {
      return to;
    }
    String[] parts = to.split("#", 2);
    String fragment = parts.length > 1 ? "#" + parts[1] : "";
    Path target = root.resolve(from).resolveSibling(parts[0]).normalize();
    Path file = root.relativize(target);
    Page page = pages.get(file.toString());
    if (page != null) {
      return page.name() + fragment;
    }
    if (file.startsWith("docs")) {
      copied.add(file);
      return file.getFileName() + fragment;
    }
    return "../../" + file + fragment;
  }

  // ---------------------------------------------------------------- pages

  private String html(Page page, String body) {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s</title>
        <link rel="stylesheet" href="style.css">
        </head>
        <body>
        <nav aria-label="Documents">
        %s</nav>
        <main>
        %s</main>
        </body>
        </html>
        """
        .formatted(
            escaped(page.name().equals("index.html") ? page.title() : page.title() + " \u00b7 Cashew"),
            navigation(page),
            body);
  }

  private String navigation(Page here) {
    StringBuilder html = new StringBuilder();
    for (String[] each : ORDER) {
      if (each[0].isEmpty()) {
        html.append("<b>").append(escaped(each[1])).append("</b>\n");
        continue;
      }
      Page page = pages.get(each[0]);
      html.append("<a href=\"").append(page.name()).append('"');
      html.append(page == here ? " aria-current=\"page\">" : ">");
      html.append(escaped(page.title())).append("</a>\n");
      if (page == here && !page.sections().isEmpty()) {
        html.append("<ul>\n");
        for (Section section : page.sections()) {
          html.append("<li><a href=\"#").append(section.id()).append("\">");
          html.append(escaped(section.title())).append("</a></li>\n");
        }
        html.append("</ul>\n");
      }
    }
    return html.toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
