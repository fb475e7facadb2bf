package io.cashew.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Classes that say that they are confined to a thread assert it where they are entered, on workers
 * and on the control thread. Those that cannot are listed with the reason; one that can by now is
 * to be removed from the list.
 */
final class ConfinementTest {
  private static final Path SOURCES = Path.of("src/main/java/io/cashew/proxy");

  private static final Pattern TYPE =
      Pattern.compile(
          "/\\*\\*((?:(?!\\*/).)*?)\\*/\\s*(?:@\\w+(?:\\([^)]*\\))?\\s*)*"
              + "(?:public |abstract |final |sealed |static )*(class|interface|record|enum) (\\w+)",
          Pattern.DOTALL);

  private static final Pattern ASSERTION =
      Pattern.compile("assert [^;]*(inThread|inEventLoop|isHere)\\(");

  /** Why classes do not assert it, with their names. */
  private enum Why {
    /** It has no code that is entered: whoever implements it asserts. */
    DECLARES_ONLY(
        """
        Awaited Client ClientProtocol Connection LeaseRefusal Mode OwnConnections PrimaryWatch
        ReplyWatch RequestHome RequestOrder Returns Substitutes
        """),

    /**
     * It is the state of an owner of the same package, or what an owner works with, and knows no
     * thread: the owner asserts.
     */
    PART_OF_AN_OWNER(
        """
        AcceptFailures AccessCheck AccessLines Askings BigKeys ClientDirectory
        ClientSubscriptions ClusterBus ClusterBuses ConnectionSet Countdown Deletions
        DepartureHold Detour DrainTurns EmptyBacklog EpollStaysRegistered ExpectedReply
        Expiry FirstKeys ForeignClients Forgetting Fragments Gate Gather Gathers
        HandlerTable HotKeys InFlightQueue ItemReply JoinedPool JoinedRoutes
        JoinedTables KeptRequest KeyBytes Lane LearntSlots LeaseState LineCheck
        Listening LoadPart LongScripts LongerLife MemcachedCache MemcachedDecoder
        MemcachedHome MemcachedIntake MemcachedJoins MemcachedLives
        MemcachedReplyDecoder MemcachedUpload MergedReplies Merges MovedHints
        MovingSlots OwnRequest Pacing Pause Reading ReceiveBuffer Redirection
        ReplyBytes ReplyDecoder ReplyMode RequestDecoder RequestKeys RespIntake RespUpload Route
        RoutedDispatch RoutedPlacement Rates RuleCounts Seat ServerQueries Session SlotNews SlotNumbers
        SourceLinks SpareBuffers StalePart StreamProgress Subscribers Tail TimeToLive
        Topic TraceSampler TwoCopies UnsentWatch Upload UploadLife Uses WaitElsewhere Waiters
        """),

    /** It answers for one client, and is called by {@code Dispatch}, {@code Checks} or a mode. */
    CALLED_BY_DISPATCH(
        """
        BlockingRequests ConnectedClient JitteredForward Local LocalCommands NodesInfo
        OnOtherNodes PubSubRequests QueueTrial RatedChecks RedeletingSplit Removal
        Transaction
        """),

    /** It is called back by a connection, whose read asserts. */
    CALLED_BY_A_CONNECTION(
        """
        AskingConnection CountedReply Exchange Fill Handshake InFlight KeyWatch ManyFill
        ParkedReply Part PendingReply Population Probe Redirectable ReplyFeed ReplySlot
        Scan ServerQuery TimedFill TlsGate Waiter
        """),

    /** It is built where no other thread knows of it, and knows no control thread afterwards. */
    PART_OF_THE_CONTROL_SIDE(
        """
        AskedServer Clientele ClusterPicture ClusterSource ClusterTroubles
        ConfiguredSource ControlledAsking Drained FollowedShards Health LearningSource
        FailoverClaims Membership NameWatch Origins Placing PoolOnWorker PrimaryOffsets
        RemovedPool ReplacedPrimaries ReplicaJudgement Replicas ReplicationHistory SentinelVotes ToldReplicas
        """);

    private final String names;

    Why(String names) {
      this.names = names;
    }

    private Set<String> names() {
      return Stream.of(names.split("\\s+"))
          .filter(name -> !name.isEmpty())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** By the name of each class that says that it is confined, whether it asserts that. */
  private static Map<String, Boolean> confined() throws IOException {
    Map<String, Boolean> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        String text = Files.readString(file);
        Matcher type = TYPE.matcher(text);
        if (type.find() && type.group(1).matches("(?s).*[Cc]onfined.*")) {
          found.put(type.group(3), ASSERTION.matcher(text).find());
        }
      }
    }
    return found;
  }

  @Test
  void whatIsConfinedToAThreadAssertsIt() throws IOException {
    Set<String> listed = new TreeSet<>();
    for (Why why : Why.values()) {
      listed.addAll(why.names());
    }
    Set<String> without = new TreeSet<>();
    confined().forEach((name, asserts) -> without.addAll(asserts ? Set.of() : Set.of(name)));
    assertEquals(listed, without);
  }

  @Test
  void noneIsListedTwice() {
    long all = Stream.of(Why.values()).mapToLong(why -> why.names().size()).sum();
    long different =
        Stream.of(Why.values()).flatMap(why -> why.names().stream()).distinct().count();
    assertEquals(all, different);
  }
}
