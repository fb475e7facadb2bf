package io.cashew.proxy.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of plain text in columns as wide as their longest cell. */
final class TextTable {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final int leftColumns;

  /**
   * @param leftColumns columns aligned to the left; those after them, to the right
   */
  TextTable(int leftColumns, List<String> heading) {
    this.leftColumns = leftColumns;
    rows.add(heading);
  }

  void add(List<String> row) {
    rows.add(row);
  }

  /** One line a row. */
  List<String> lines() {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - row.get(i).length());
      line.append(i == 0 ? "" : GAP);
      line.append(i < leftColumns ? row.get(i) + padding : padding + row.get(i));
    }
    return line.toString().stripTrailing();
  }
}
