import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Predicate;

/**
 * Reads an expression and subjects a line, in base64; answers with 1 or 0 for each subject. With the argument
 * `limits`, reads a kind of query and its pattern; answers with 1 where Lucene takes it.
 */
public final class RegexAnswers {
    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            StringBuilder answer = new StringBuilder();
            try {
                if (arguments[0].equals("limits")) {
                    Lucene.query(decode(words[0]), decode(words[1]));
                    System.out.println(1);
                    continue;
                }
                String text = decode(words[0]);
                Predicate<String> matches =
                        arguments[0].equals("java") ? java(text) : Lucene.predicate(text);
                for (int i = 1; i < words.length; i++) {
                    answer.append(matches.test(decode(words[i])) ? '1' : '0');
                }
            } catch (RuntimeException error) {
                answer = new StringBuilder("error " + error.getMessage().replaceAll("\\s+", " "));
            }
            System.out.println(answer);
        }
    }

    private static Predicate<String> java(String text) {
        return java.util.regex.Pattern.compile(text).asPredicate();
    }

    private static String decode(String word) {
        byte[] bytes = word.equals("=") ? new byte[0] : Base64.getDecoder().decode(word);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Apart, so that Java alone runs without Lucene's jar. */
    private static final class Lucene {
        static void query(String kind, String pattern) {
            var term = new org.apache.lucene.index.Term("f", pattern);
            switch (kind) {
                case "regexp" -> new org.apache.lucene.search.RegexpQuery(term);
                case "prefix" -> new org.apache.lucene.search.PrefixQuery(term);
                default -> new org.apache.lucene.search.WildcardQuery(term);
            }
        }

        static Predicate<String> predicate(String text) {
            var parsed = new org.apache.lucene.util.automaton.RegExp(text).toAutomaton();
            var automaton = org.apache.lucene.util.automaton.Operations.determinize(parsed, 100000);
            var run = new org.apache.lucene.util.automaton.CharacterRunAutomaton(automaton);
            return run::run;
        }
    }
}
