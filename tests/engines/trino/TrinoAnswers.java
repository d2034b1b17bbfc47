import com.fasterxml.jackson.databind.ObjectMapper;
import io.trino.Session;
import io.trino.plugin.memory.MemoryPlugin;
import io.trino.spi.type.TimeZoneKey;
import io.trino.testing.MaterializedRow;
import io.trino.testing.StandaloneQueryRunner;
import io.trino.testing.TestingSession;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Trino of one node that answers statements, with tables in memory.
 *
 * Input: a statement a line, as a JSON string. Output for each: `{"rows": [[…], …]}` or
 * `{"error": "…"}`, and a first line when it is ready, `{"ready": "VERSION"}`. The end of the input
 * stops it.
 */
public class TrinoAnswers {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        // Trino's log takes what is printed to standard output, too.
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Session session = TestingSession.testSessionBuilder()
            .setCatalog("memory")
            .setSchema("default")
            .setTimeZoneKey(TimeZoneKey.UTC_KEY)
            .setSystemProperty("query_max_run_time", "2m")
            // A quarter less to plan and compile for a query.
            .setSystemProperty("task_concurrency", "1")
            .build();
        try (StandaloneQueryRunner runner = new StandaloneQueryRunner(session)) {
            runner.installPlugin(new MemoryPlugin());
            runner.createCatalog("memory", "memory", Map.of());
            BufferedReader statements = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            Object version = runner.execute("SELECT node_version FROM system.runtime.nodes").getOnlyValue();
            answers.println(JSON.writeValueAsString(Map.of("ready", version)));
            for (String line; (line = statements.readLine()) != null; ) {
                answers.println(JSON.writeValueAsString(answer(runner, JSON.readValue(line, String.class))));
            }
        }
        System.exit(0);
    }

    private static Map<String, Object> answer(StandaloneQueryRunner runner, String statement) {
        try {
            List<List<Object>> rows = new ArrayList<>();
            for (MaterializedRow row : runner.execute(statement)) {
                rows.add(row.getFields().stream().map(TrinoAnswers::plain).toList());
            }
            return Map.of("rows", rows);
        } catch (RuntimeException | StackOverflowError error) {
            return Map.of("error", String.valueOf(error.getMessage()));
        }
    }

    private static Object plain(Object value) {
        return value instanceof Number || value instanceof Boolean || value instanceof List ? value : value == null ? null : value.toString();
    }
}
