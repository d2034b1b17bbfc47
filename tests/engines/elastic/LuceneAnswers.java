import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.lucene.analysis.core.KeywordAnalyzer;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.*;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * Answers of Lucene's query parser, with what Elasticsearch's query_string adds to it: `_exists_`,
 * `f:>5`, addresses, `NOT` alone, and a search of every field where none is named.
 *
 * Input: lines `Q query case`, `E` (a new event), `F name value` (a field of it) and `X` (the end),
 * queries, names and values in base64. In the case `mapped` every field has a lower-case normalizer,
 * which changes what is stored, terms and wildcards. Output for each `X`: a 0 or 1 for each event, or
 * `error: …`.
 */
public class LuceneAnswers {
    static final class Parser extends QueryParser {
        final Set<String> fields;
        final boolean mapped;

        Parser(Set<String> fields, boolean mapped) {
            super("*", new KeywordAnalyzer());
            this.fields = fields;
            this.mapped = mapped;
            setAllowLeadingWildcard(true);
        }

        interface Ask { Query of(String field) throws ParseException; }

        Query each(String field, Ask ask) throws ParseException {
            if (!"*".equals(field)) return ask.of(field);
            BooleanQuery.Builder any = new BooleanQuery.Builder();
            for (String known : fields) any.add(ask.of(known), BooleanClause.Occur.SHOULD);
            return any.build();
        }

        @Override protected Query getFieldQuery(String field, String text, boolean quoted) throws ParseException {
            if ("_exists_".equals(field)) return new TermQuery(new Term(" exists", text));
            return each(field, name -> {
                if (!quoted && text.length() > 1 && (text.charAt(0) == '<' || text.charAt(0) == '>')) {
                    boolean or = text.charAt(1) == '=';
                    double number = Double.parseDouble(text.substring(or ? 2 : 1));
                    return text.charAt(0) == '>'
                        ? DoublePoint.newRangeQuery(name + " number", or ? number : Math.nextUp(number), Double.POSITIVE_INFINITY)
                        : DoublePoint.newRangeQuery(name + " number", Double.NEGATIVE_INFINITY, or ? number : Math.nextDown(number));
                }
                int slash = text.indexOf('/');
                if (slash > 0 && text.matches("[0-9a-fA-F.:]+/[0-9]+")) {
                    try {
                        InetAddress address = InetAddress.getByName(text.substring(0, slash));
                        return InetAddressPoint.newPrefixQuery(name + " address", address, Integer.parseInt(text.substring(slash + 1)));
                    } catch (Exception e) { throw new ParseException(e.toString()); }
                }
                return new TermQuery(new Term(name, stored(text, mapped)));
            });
        }

        @Override protected Query getFieldQuery(String field, String text, int slop) throws ParseException {
            return getFieldQuery(field, text, true);
        }

        @Override protected Query getWildcardQuery(String field, String text) throws ParseException {
            return each(field, name -> super.getWildcardQuery(name, stored(text, mapped)));
        }

        @Override protected Query getPrefixQuery(String field, String text) throws ParseException {
            return each(field, name -> super.getPrefixQuery(name, stored(text, mapped)));
        }

        @Override protected Query getRegexpQuery(String field, String text) throws ParseException {
            // The normalizer changes the expression too.
            String asked = stored(text, mapped);
            if (text.length() > 1000) throw new ParseException("regular expression of " + text.length() + " characters");
            return each(field, name -> super.getRegexpQuery(name, asked));
        }

        @Override protected Query getBooleanQuery(List<BooleanClause> clauses) throws ParseException {
            Query query = super.getBooleanQuery(clauses);
            if (query == null || !clauses.stream().allMatch(BooleanClause::isProhibited)) return query;
            BooleanQuery.Builder all = new BooleanQuery.Builder();
            for (BooleanClause clause : clauses) all.add(clause);
            return all.add(new MatchAllDocsQuery(), BooleanClause.Occur.MUST).build();
        }
    }

    static String text(String word) {
        return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
    }

    /** As a field has it: a lower-case normalizer turns each character by itself. */
    static String stored(String text, boolean mapped) {
        if (!mapped) return text;
        StringBuilder lower = new StringBuilder();
        text.codePoints().map(Character::toLowerCase).forEach(lower::appendCodePoint);
        return lower.toString();
    }

    static void add(Document document, String name, String value, boolean mapped) {
        document.add(new StringField(name, stored(value, mapped), Field.Store.NO));
        document.add(new StringField(" exists", name, Field.Store.NO));
        try {
            document.add(new DoublePoint(name + " number", Double.parseDouble(value)));
        } catch (NumberFormatException e) { /* no number */ }
        if (value.matches("[0-9]+\\.[0-9.]+") || value.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            try {
                document.add(new InetAddressPoint(name + " address", InetAddress.getByName(value)));
            } catch (Exception e) { /* no address */ }
        }
    }

    static String answer(String query, List<Document> events, Set<String> fields, boolean mapped) {
        try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
            try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(new KeywordAnalyzer()))) {
                for (Document event : events) writer.addDocument(event);
                writer.forceMerge(1);
            }
            char[] bits = "0".repeat(events.size()).toCharArray();
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                Query parsed = new Parser(fields, mapped).parse(query);
                TopDocs hits = new IndexSearcher(reader).search(parsed, Math.max(1, events.size()));
                for (ScoreDoc hit : hits.scoreDocs) bits[hit.doc] = '1';
            }
            return new String(bits);
        } catch (Throwable error) {
            return "error: " + String.valueOf(error.getMessage()).replaceAll("\\s+", " ");
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        List<List<String[]>> jobs = new ArrayList<>();
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("Q")) jobs.add(new ArrayList<>());
            if (!words[0].equals("X")) jobs.get(jobs.size() - 1).add(words);
        }
        jobs.parallelStream().map(LuceneAnswers::answer).forEachOrdered(System.out::println);
    }

    static String answer(List<String[]> lines) {
        String query = text(lines.get(0)[1]);
        boolean mapped = lines.get(0)[2].equals("mapped");
        List<Document> events = new ArrayList<>();
        Set<String> fields = new TreeSet<>();
        for (String[] words : lines.subList(1, lines.size())) {
            if (words[0].equals("E")) {
                events.add(new Document());
            } else {
                fields.add(text(words[1]));
                add(events.get(events.size() - 1), text(words[1]), text(words[2]), mapped);
            }
        }
        return answer(query, events, fields, mapped);
    }
}
