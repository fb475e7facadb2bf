package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of questions while a pool is on no worker yet. */
final class NodeQuestionsTest {
  @Test
  void nobodyIsReachedAndThatIsSaid() {
    try (VirtualWorker worker = new VirtualWorker()) {
      InMemoryServer server = new InMemoryServer(worker);
      Node node = new Node("test", server.name(), server.address(), 3, (failed, cause) -> {});
      List<String> heard = new ArrayList<>();
      NodeQuestions questions = new NodeQuestions(List.of());
      questions.probe(node, failure -> heard.add(failure == null ? "well" : "failed"));
      questions.ask(node, List.of(), replies -> heard.add(replies == null ? "nothing" : "replies"));
      assertEquals(List.of("failed", "nothing"), heard);
    }
  }
}
