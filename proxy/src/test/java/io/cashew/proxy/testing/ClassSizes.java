package io.cashew.proxy.testing;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.PrimitiveTypeTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.lang.model.type.TypeKind;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Measures classes as they are written: their lines, and how much state they have. */
public final class ClassSizes {
  private final Map<String, Integer> lines = new TreeMap<>();
  private final Map<String, Integer> methodLines = new TreeMap<>();
  private final Map<String, Integer> booleans = new TreeMap<>();
  private final Map<String, Integer> fields = new TreeMap<>();

  private ClassSizes() {}

  /** Measures all classes below a directory of sources. */
  public static ClassSizes of(Path sources) throws IOException {
    ClassSizes sizes = new ClassSizes();
    List<Path> files;
    try (Stream<Path> all = Files.walk(sources)) {
      files = all.filter(file -> file.toString().endsWith(".java")).toList();
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  manager,
                  null,
                  List.of("-proc:none"),
                  null,
                  manager.getJavaFileObjectsFromPaths(files));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree file : task.parse()) {
        sizes.new Visitor(file, positions).scan(file, null);
      }
    }
    return sizes;
  }

  /** Lines of the file of each class that is not within another. */
  public Map<String, Integer> lines() {
    return lines;
  }

  /**
   * Lines of each method, the largest of those of one name in a class. A table of rows, which is
   * one statement without others in it, counts as one line.
   */
  public Map<String, Integer> methodLines() {
    return methodLines;
  }

  /** Booleans of each object of a class that may change. */
  public Map<String, Integer> booleans() {
    return booleans;
  }

  /** Fields of each object of a class. */
  public Map<String, Integer> fields() {
    return fields;
  }

  private final class Visitor extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final CompilationUnitTree file;
    private final SourcePositions positions;
    private final LineMap lineMap;
    private final Deque<String> names = new ArrayDeque<>();

    Visitor(CompilationUnitTree file, SourcePositions positions) {
      this.file = file;
      this.positions = positions;
      lineMap = file.getLineMap();
    }

    private String name() {
      return names.stream().collect(Collectors.joining("."));
    }

    private int line(long position) {
      return (int) lineMap.getLineNumber(position);
    }

    private int lastLine(Tree tree) {
      return line(positions.getEndPosition(file, tree));
    }

    @Override
    public @Nullable Void visitClass(ClassTree tree, @Nullable Void nothing) {
      String simple = tree.getSimpleName().toString();
      names.addLast(simple.isEmpty() ? "anonymous" : simple);
      if (names.size() == 1) {
        lines.put(name(), lastLine(tree));
      }
      int state = 0;
      int flags = 0;
      for (Tree member : tree.getMembers()) {
        if (member instanceof VariableTree field) {
          Set<Modifier> modifiers = field.getModifiers().getFlags();
          if (!modifiers.contains(Modifier.STATIC) && tree.getKind() != Tree.Kind.INTERFACE) {
            state++;
            flags += isBoolean(field) && !modifiers.contains(Modifier.FINAL) ? 1 : 0;
          }
        }
      }
      if (tree.getKind() != Tree.Kind.RECORD) {
        fields.merge(name(), state, Math::max);
        booleans.merge(name(), flags, Math::max);
      }
      super.visitClass(tree, null);
      names.removeLast();
      return null;
    }

    private static boolean isBoolean(VariableTree field) {
      return field.getType() instanceof PrimitiveTypeTree type
          && type.getPrimitiveTypeKind() == TypeKind.BOOLEAN;
    }

    private static boolean isTable(BlockTree body) {
      boolean[] hasOthers = {body.getStatements().size() != 1};
      new TreeScanner<@Nullable Void, @Nullable Void>() {
        @Override
        public @Nullable Void visitBlock(BlockTree tree, @Nullable Void nothing) {
          hasOthers[0] |= tree != body;
          return super.visitBlock(tree, null);
        }

        @Override
        public @Nullable Void visitCase(CaseTree tree, @Nullable Void nothing) {
          hasOthers[0] = true;
          return super.visitCase(tree, null);
        }
      }.scan(body, null);
      return !hasOthers[0];
    }

    @Override
    public @Nullable Void visitMethod(MethodTree tree, @Nullable Void nothing) {
      if (tree.getBody() != null) {
        int first = line(positions.getStartPosition(file, tree));
        methodLines.merge(
            name() + "." + tree.getName(),
            isTable(tree.getBody()) ? 1 : lastLine(tree) - first + 1,
            Math::max);
      }
      return super.visitMethod(tree, null);
    }
  }
}
