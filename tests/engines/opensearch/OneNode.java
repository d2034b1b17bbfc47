import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.core.common.transport.TransportAddress;
import org.opensearch.env.Environment;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/**
 * One OpenSearch node on the loopback address, as long as the standard input is open.
 *
 * Arguments: a folder for its data, and the classes of plugins that are on the class path. Prints
 * `ready PORT` as soon as it answers HTTP there. `Node` itself has none of the checks of the program
 * that starts a server (the user, the limits of the system).
 */
public final class OneNode extends Node {
    // The elements are of another type in each major version.
    @SuppressWarnings({"unchecked", "rawtypes"})
    private OneNode(Environment environment, List<Object> plugins) {
        super(environment, (Collection) plugins, true);
    }

    private static Object plugin(String name) throws ClassNotFoundException {
        if (Version.CURRENT.major < 3) return Class.forName(name);
        return new PluginInfo(name, name, "", Version.CURRENT, "", name, "", List.of(), false);
    }

    public static void main(String[] arguments) throws Exception {
        Settings settings = Settings.builder()
            .put("path.home", arguments[0])
            .put("cluster.name", "varsigma")
            .put("node.name", "only")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", "0")
            .put("transport.port", "0")
            .put("http.type", "netty4")
            .put("transport.type", "netty4")
            .put("http.max_content_length", "200mb")
            .put("action.auto_create_index", "false")
            .put("cluster.routing.allocation.disk.threshold_enabled", "false")
            .put("cluster.max_shards_per_node", "20000")
            .build();
        List<Object> plugins = new ArrayList<>();
        for (int at = 1; at < arguments.length; at++) plugins.add(plugin(arguments[at]));
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings, Map.of(), Path.of(arguments[0]), () -> "only");
        try (OneNode node = new OneNode(environment, plugins)) {
            node.start();
            TransportAddress address = node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress();
            System.out.println("ready " + address.getPort());
            System.out.flush();
            // Whoever started it holds the other end: however that one ends, so does this.
            while (System.in.read() >= 0) { }
        }
        System.exit(0);
    }
}
