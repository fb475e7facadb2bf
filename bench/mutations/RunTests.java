import java.io.PrintWriter;
import java.util.Arrays;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the test classes that are named, and prints a line for each test: its result and name. */
public final class RunTests {
  public static void main(String[] names) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(Arrays.stream(names).map(DiscoverySelectors::selectClass).toList())
            .filters(ClassNameFilter.includeClassNamePatterns(".*"))
            .build();
    LauncherFactory.create().execute(request, new Printer());
    System.exit(0);
  }

  private static final class Printer implements TestExecutionListener {
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      boolean failed = result.getStatus() != TestExecutionResult.Status.SUCCESSFUL;
      if (test.isTest() || failed) {
        System.out.println(
            "RESULT\t" + result.getStatus() + "\t" + test.getLegacyReportingName() + "\t" + test.getUniqueId());
        result.getThrowable().ifPresent(thrown -> System.out.println("    " + thrown));
      }
    }
  }
}
