import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.elasticsearch.TransportVersion;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.compress.CompressedXContent;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.IndexService.IndexCreationContext;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.index.analysis.IndexAnalyzers;
import org.elasticsearch.index.mapper.DocumentParsingException;
import org.elasticsearch.index.mapper.MapperMetrics;
import org.elasticsearch.index.mapper.MapperRegistry;
import org.elasticsearch.index.mapper.MapperService;
import org.elasticsearch.index.mapper.SourceToParse;
import org.elasticsearch.index.query.AbstractQueryBuilder;
import org.elasticsearch.index.query.Rewriteable;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.index.shard.IndexShard;
import org.elasticsearch.index.similarity.SimilarityService;
import org.elasticsearch.indices.IndicesModule;
import org.elasticsearch.indices.analysis.AnalysisModule;
import org.elasticsearch.plugins.scanners.StablePluginsRegistry;
import org.elasticsearch.script.ScriptCompiler;
import org.elasticsearch.search.SearchModule;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;

/**
 * Elasticsearch's own mapper and parsers of queries, without a node: an index in memory for each query.
 *
 * Input: a line for each query, of words in base64 that are JSON: a mapping, a query, and events. Output:
 * a 0 or 1 for each event, an x where the mapping refuses it; or `error: …`. The normalizer `lower` is
 * there. Argument: an empty folder.
 */
public final class QueryAnswers {
    private final IndexSettings settings;
    private final IndexAnalyzers analyzers;
    private final SimilarityService similarity;
    private final MapperRegistry mappers = new IndicesModule(List.of()).getMapperRegistry();
    private final XContentParserConfiguration parsing;

    private QueryAnswers(Path home) throws Exception {
        Settings node = Settings.builder().put(Environment.PATH_HOME_SETTING.getKey(), home).build();
        Settings.Builder index = Settings.builder()
            .put(IndexMetadata.SETTING_VERSION_CREATED, IndexVersion.current())
            .put(IndexMetadata.SETTING_NUMBER_OF_SHARDS, 1)
            .put(IndexMetadata.SETTING_NUMBER_OF_REPLICAS, 0)
            .put("index.analysis.normalizer.lower.type", "custom")
            .putList("index.analysis.normalizer.lower.filter", "lowercase");
        settings = new IndexSettings(IndexMetadata.builder("events").settings(index).build(), node);
        var analysis = new AnalysisModule(new Environment(node, home), List.of(), new StablePluginsRegistry());
        analyzers = analysis.getAnalysisRegistry().build(IndexCreationContext.CREATE_INDEX, settings);
        similarity = new SimilarityService(settings, null, Map.of());
        var queries = new SearchModule(node, List.of()).getNamedXContents();
        parsing = XContentParserConfiguration.EMPTY.withRegistry(new NamedXContentRegistry(queries));
    }

    private MapperService mapper(String mapping) throws Exception {
        Supplier<TransportVersion> version = TransportVersion::current;
        var identity = settings.getMode().buildIdFieldMapper(() -> false);
        var mapper = new MapperService(version, settings, analyzers, parsing, similarity, mappers, () -> null, identity,
            ScriptCompiler.NONE, query -> null, MapperMetrics.NOOP);
        mapper.merge("_doc", new CompressedXContent(mapping), MapperService.MergeReason.MAPPING_UPDATE);
        return mapper;
    }

    private Query parse(String query, MapperService mapper, IndexSearcher searcher) throws Exception {
        var context = new SearchExecutionContext(0, 0, settings, null, (type, data) -> null, mapper, mapper.mappingLookup(),
            similarity, ScriptCompiler.NONE, parsing, new NamedWriteableRegistry(List.of()), null, searcher,
            System::currentTimeMillis, null, name -> true, () -> true, null, Map.of(), MapperMetrics.NOOP);
        try (var parser = XContentType.JSON.xContent().createParser(parsing, query)) {
            return Rewriteable.rewrite(AbstractQueryBuilder.parseTopLevelQuery(parser), context).toQuery(context);
        }
    }

    private String answer(String mapping, String query, List<String> events) throws Exception {
        char[] answers = "x".repeat(events.size()).toCharArray();
        List<Integer> stored = new ArrayList<>();
        MapperService mapper = mapper(mapping);
        try (var directory = new ByteBuffersDirectory()) {
            var config = new IndexWriterConfig(IndexShard.buildIndexAnalyzer(mapper));
            try (var writer = new IndexWriter(directory, config)) {
                for (int at = 0; at < events.size(); at++) {
                    var source = new SourceToParse(String.valueOf(at), new BytesArray(events.get(at)), XContentType.JSON);
                    try {
                        writer.addDocument(mapper.documentMapper().parse(source).rootDoc());
                    } catch (DocumentParsingException refused) {
                        continue;
                    }
                    answers[at] = '0';
                    stored.add(at);
                }
                // What one thread added is one segment, in the same order.
                try (var reader = DirectoryReader.open(writer)) {
                    var searcher = new IndexSearcher(reader);
                    Query parsed = parse(query, mapper, searcher);
                    for (ScoreDoc hit : searcher.search(parsed, events.size() + 1).scoreDocs) answers[stored.get(hit.doc)] = '1';
                }
                writer.rollback();
            }
        }
        return new String(answers);
    }

    private String answer(String line) {
        List<String> words = new ArrayList<>();
        for (String word : line.split(" ")) words.add(new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8));
        try {
            return answer(words.get(0), words.get(1), words.subList(2, words.size()));
        } catch (Exception | StackOverflowError error) {
            Throwable cause = error;
            while (cause.getCause() != null) cause = cause.getCause();
            return "error: " + String.valueOf(cause).replaceAll("\\s+", " ");
        }
    }

    public static void main(String[] arguments) throws Exception {
        LogConfigurator.configureESLogging();
        var answers = new QueryAnswers(Path.of(arguments[0]));
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).lines().toList();
        lines.parallelStream().map(answers::answer).forEachOrdered(System.out::println);
    }
}
