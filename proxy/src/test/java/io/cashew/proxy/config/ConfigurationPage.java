package io.cashew.proxy.config;

/** {@code docs/configuration.md}, made of the rows of the keys. */
final class ConfigurationPage {
  private final StringBuilder text = new StringBuilder();

  private ConfigurationPage() {}

  static String text() {
    ConfigurationPage page = new ConfigurationPage();
    page.write();
    return page.text.toString();
  }

  private void write() {
    paragraph(
        """
        # Configuration

        <!-- Generated from the tables of settings. To change it, change the records of package config,
             NutcrackerDirectives or ConfigurationPage and run: mvn -pl hashing,proxy test -Dtest=ConfigurationPageTest \\
             -Dsurefire.failIfNoSpecifiedTests=false -Dcashew.write=true -->

        `cashew serve -c FILE` reads HOCON, or twemproxy's `nutcracker.yml` if the file's name ends
        in `.yml` or `.yaml`. `cashew check -c FILE` says what is wrong with a file and warns of what
        works but hurts. Everything that is wrong is shown at once, each with file, line and key:

        ```
        cashew.conf:12: cashew.pools.sessions.hash: unknown hash 'murmr', did you mean 'murmur'? known: …
        ```

        `conf/minimal.conf` is a file to begin with, `conf/cashew.conf` has every key with its
        default.

        ## The HOCON file

        [HOCON](https://github.com/lightbend/config/blob/main/HOCON.md) is JSON with comments and
        without needless quotes and commas. A value with a colon or a brace needs quotes. Durations
        must have a unit (`400ms`, `1s`, `5m`); sizes may (`64KiB`, `1MiB`; a bare number is bytes).
        `${NAME}` takes a value from the environment, `${?NAME}` only if it is set there. `null`
        leaves a key at its default, but for texts, where it is refused. An unknown key is an error.

        A text (a password, a name, an address, a file) is what the file has, to the byte: `0123`,
        `1e3` and `true` without quotes, too, and so through `${…}` and `include`. What HOCON would
        make another text of is refused with its line: a comment that begins in the middle of a
        text (`s3cret#2024`), a quote in the middle of one (`s3"cr"et`; `${NAME}"cret"` is two parts
        of one), two texts of a list without a comma between them, white space other than spaces and
        tabs outside quotes, a file that is not UTF-8. An `include` names a `.conf` or `.json` file,
        which must be there; it is looked for beside the file that includes it.

        The last column says how another value comes into force when the file is read again (see
        `reload.watch-file`): *at once* is for clients that are connected, too; *new connections*
        are made to the nodes, and the old ones end with their last reply; *new clients* are those
        that connect from then on; *keys move*; what says *restart* keeps its former value until
        then, which is reported.
        """);
    table("`cashew`", Settings.TABLE);
    paragraph(
        """

        ## `nutcracker.yml`

        A file of twemproxy 0.5.0 behaves as it does there: the same labels of nodes, the same order,
        rings and defaults, so every key is where it was. What a pool leaves to Cashew alone (limits
        of memory, the admin address) has the defaults above. `cashew import nutcracker.yml` prints
        the same pools as HOCON; only a pool without a time-out gets one, since HOCON pools always
        have one.

        | directive | takes | default | here |
        |---|---|---|---|
        """);
    for (Directive<?> row : NutcrackerDirectives.ALL) {
      row("`" + row.name() + "`", row.form(), row.standard(), row.doc());
    }
    paragraph(
        """

        What twemproxy refuses is refused: unknown and repeated directives, `yes` for `true`, a number
        with a sign or unit, an empty value, two servers of one name. Beyond that:

        * Flow style (`[…]`, `{…}`), `---`, tags and anchors are read as YAML means them; twemproxy
          refuses them. A hash tag still needs quotes: `"{}"`.
        * A number above 2147483647 is an error, where twemproxy lets it overflow.
        * The permissions of a unix socket must be octal digits, where twemproxy takes what it cannot
          read as 0. An empty host is an error, and so are an empty name and white space in the name of
          a pool.
        * A pool without `redis: true` is one of memcached servers; see docs/memcached.md.
        * An IPv6 address may stand in brackets, and then needs quotes: `"[::1]:22121"`.
        * A host that is neither a name nor an address is an error, and so are control characters in the
          path of a unix socket.
        """);
  }

  private void paragraph(String block) {
    text.append(block);
  }

  /** The settings of an object, then those of the objects that it holds by name or in lists. */
  private void table(String heading, Table<?> table) {
    text.append("\n### ")
        .append(heading)
        .append("\n\n| key | value | default | | on reload |\n|---|---|---|---|---|\n");
    rows("", table);
    elements(table);
  }

  private void elements(Table<?> table) {
    for (Setting<?, ?> setting : table.rows()) {
      Table<?> elements = setting.kind().elements();
      if (elements != null) {
        table(elements.title(), elements);
      }
      Table<?> section = setting.kind().section();
      if (section != null) {
        elements(section);
      }
    }
  }

  private void rows(String above, Table<?> table) {
    for (Setting<?, ?> setting : table.rows()) {
      String standard = setting.standardText();
      boolean words =
          standard.equals("required") || standard.contains(" ") || standard.contains("'");
      String key = above + setting.key();
      row(
          "`" + key + "`",
          setting.kind().form(),
          words ? standard : "`" + standard + "`",
          setting.doc(),
          word(setting.effect()));
      Table<?> section = setting.kind().section();
      if (section != null) {
        rows(key + ".", section);
      }
    }
  }

  private static String word(ReloadEffect effect) {
    return switch (effect) {
      case AT_ONCE -> "at once";
      case MOVES_KEYS -> "keys move";
      case NEW_CLIENTS -> "new clients";
      case NEW_CONNECTIONS -> "new connections";
      case NEW_LISTENER -> "new listener, then the old one closes";
      case WITH_THE_WHOLE -> "";
      case RESTART -> "restart";
    };
  }

  private void row(String... cells) {
    text.append("| ");
    for (String cell : cells) {
      text.append(cell.replace("|", "\\|")).append(" | ");
    }
    text.setLength(text.length() - 1);
    text.append('\n');
  }
}
