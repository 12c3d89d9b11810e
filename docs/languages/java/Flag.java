import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks Phasegate who gets in. Nothing but the JDK (11 or later).
 *
 * <pre>PHASEGATE_URL=https://beta.example.org java Flag.java parking-permit UNIT</pre>
 */
public final class Flag {
  private static final Duration LIMIT =
      Duration.ofSeconds(Long.parseLong(System.getenv().getOrDefault("PHASEGATE_TIMEOUT", "1")));

  /** Keep one client: it keeps its connections. */
  private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(LIMIT).build();

  /** Value, variant and reason; the default where no answer came in time: asking never throws, nor holds a page up for long. */
  static String[] flag(String key, String targetingKey, boolean fallback) {
    String[] byDefault = {String.valueOf(fallback), "", "ERROR"};
    try {
      String quoted = targetingKey.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", "");
      HttpRequest.Builder question =
          HttpRequest.newBuilder(URI.create(System.getenv("PHASEGATE_URL") + "/ofrep/v1/evaluate/flags/" + key))
              .timeout(LIMIT)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"context\":{\"targetingKey\":\"" + quoted + "\"}}"));
      String secret = System.getenv("PHASEGATE_KEY");
      if (secret != null) question.header("Authorization", "Bearer " + secret);
      HttpResponse<String> answer = CLIENT.send(question.build(), HttpResponse.BodyHandlers.ofString());
      String value = field(answer.body(), "value");
      // An answer without a value means: the default of the code.
      if (answer.statusCode() != 200 || value.isEmpty() || value.equals("null")) return byDefault;
      return new String[] {value, field(answer.body(), "variant"), field(answer.body(), "reason")};
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return byDefault;
    } catch (Exception e) {
      return byDefault;
    }
  }

  /** The JDK has no JSON: this is enough for true, false and plain texts. With Jackson or Gson read the field instead. */
  private static String field(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\":\"?(true|false|[\\w.-]+)").matcher(json);
    return found.find() ? found.group(1) : "";
  }

  public static void main(String[] args) {
    System.out.println(String.join(" ", flag(args[0], args[1], false)).replace("  ", " "));
  }
}
