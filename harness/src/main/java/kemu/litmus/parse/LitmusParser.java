package kemu.litmus.parse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.litmus.ast.Cond;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import org.jparsec.Parser;
import org.jparsec.error.ParseErrorDetails;
import org.jparsec.error.ParserException;

/** Turns a file into a {@link LitmusTest}. */
public final class LitmusParser {
    private static final int MAX_BYTES = 1 << 16;
    private static final int MAX_QUOTED = 60;

    /** Known C that is not known here, by the token at which it shows. */
    private static final Map<String, String> UNSUPPORTED = Map.of(
            "goto", "goto",
            "switch", "switch",
            "case", "switch",
            "->", "members of structs",
            ".", "members of structs",
            "asm", "asm",
            "__asm__", "asm");

    /** Stateless; building it takes longer than parsing a test. */
    private static final Parser<TestGrammar.Body> FILE =
            TestGrammar.file(new StmtGrammar(new ExprGrammar())).from(Lexer.TOKEN, Lexer.SPACE);

    private LitmusParser() {}

    /** Parses {@code file}; throws {@link LitmusException} saying which line is not understood. */
    public static LitmusTest parse(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            // A pipe or a device has no size.
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw new LitmusException(0, "larger than " + MAX_BYTES + " bytes");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf) {
            // Old tests have names of authors in Latin-1.
            text = new String(bytes, StandardCharsets.ISO_8859_1);
        }
        return parse(file.toString(), text);
    }

    /** Parses {@code source}; {@code file} is for messages. */
    public static LitmusTest parse(String file, String source) {
        String text = Comments.blank(source.replaceFirst("^\ufeff", "")
                .replace("\r\n", "\n")
                .replace('\r', '\n')
                .replace('\f', ' '));
        String name = name(text);
        int start = text.indexOf('{', text.indexOf(name) + name.length());
        if (start < 0) {
            throw new LitmusException(1, "no init section");
        }
        String blanked = text.substring(0, start).replaceAll("[^\n]", " ") + text.substring(start);
        try {
            TestGrammar.Body body = FILE.parse(blanked);
            return assemble(file, source, name, body, blanked);
        } catch (ParserException wrong) {
            throw refusal(wrong, blanked);
        } catch (StackOverflowError deep) {
            throw new LitmusException(0, "nested too deeply");
        }
    }

    private static String name(String text) {
        String[] words = text.trim().split("\\s+", 3);
        if (words.length < 2 || words[0].isEmpty()) {
            throw new LitmusException(1, "not a litmus test: the first line is not 'C NAME'");
        }
        if (!words[0].equals("C")) {
            throw new LitmusException(
                    1, "language '" + words[0].substring(0, Math.min(20, words[0].length())) + "' (only C is known)");
        }
        return words[1].startsWith("{") ? "" : words[1];
    }

    /** What is wrong, in one line, where it is. */
    private static LitmusException refusal(ParserException wrong, String text) {
        if (wrong.getCause() instanceof LitmusException own) {
            return own;
        }
        ParseErrorDetails details = wrong.getErrorDetails();
        if (details == null) {
            String[] lines = String.valueOf(wrong.getMessage()).split("\n");
            String last = lines[lines.length - 1].trim();
            return new LitmusException(wrong.getLine(), last.substring(Math.max(0, last.length() - MAX_QUOTED)));
        }
        int before = details.getIndex() - 1;
        while (before > 0 && Character.isWhitespace(text.charAt(Math.min(before, text.length() - 1)))) {
            before--;
        }
        int line = Lines.of(text, before);
        if (details.getExpected().contains(";") && line < wrong.getLine()) {
            return new LitmusException(line, "';' is missing at the end");
        }
        String met = details.getEncountered().replace('\n', ' ');
        String construct = UNSUPPORTED.get(met);
        String previous = wordBefore(text, Math.min(before + 1, text.length()));
        if (construct == null && UNSUPPORTED.containsKey(previous)) {
            return new LitmusException(line, "unsupported: " + UNSUPPORTED.get(previous));
        }
        String told = construct != null
                ? "unsupported: " + construct
                : "not understood at '" + met.substring(0, Math.min(MAX_QUOTED, met.length())) + "'";
        return new LitmusException(wrong.getLine(), told);
    }

    private static String wordBefore(String text, int end) {
        int start = end;
        while (start > 0 && Character.isJavaIdentifierPart(text.charAt(start - 1))) {
            start--;
        }
        return text.substring(start, end);
    }

    private static LitmusTest assemble(String file, String source, String name, TestGrammar.Body body, String text) {
        List<LitmusTest.Global> globals = new ArrayList<>();
        List<LitmusTest.Register> registers = new ArrayList<>();
        for (TestGrammar.Init init : body.init()) {
            if (init instanceof TestGrammar.Init.Shared shared) {
                globals.add(shared.global());
            } else if (init instanceof TestGrammar.Init.Local local) {
                registers.add(local.register());
            }
        }
        TestGrammar.Question asked = body.tail().question();
        String shown = asked == null
                ? "true"
                : text.substring(asked.from(), asked.to()).trim().replaceAll("\\s+", " ");
        LitmusTest test = new LitmusTest(
                file,
                source,
                name,
                globals.stream().map(global -> resolve(global, globals)).toList(),
                registers,
                inOrder(body.processes()),
                body.tail().locations(),
                body.tail().filter(),
                Lines.of(text, asked == null ? text.length() : asked.from()),
                asked == null ? null : asked.quantifier(),
                asked == null ? new Cond.True() : asked.condition(),
                shown);
        Validator.check(test);
        return asked == null ? test.asking("forall") : test;
    }

    private static LitmusTest.Global resolve(LitmusTest.Global global, List<LitmusTest.Global> all) {
        List<Item> initial = new ArrayList<>();
        for (Item value : global.initial()) {
            if (value instanceof Item.Content content) {
                boolean array = all.stream().anyMatch(g -> g.name().equals(content.name()) && g.elements() > 1);
                if (!array) {
                    throw new LitmusException(
                            global.line(),
                            "unsupported: " + content.label() + " where '" + content.name() + "' is no array");
                }
                initial.add(new Item.Address(content.name(), 0));
            } else {
                initial.add(value);
            }
        }
        return new LitmusTest.Global(global.name(), global.elements(), initial, global.line());
    }

    private static List<LitmusTest.Process> inOrder(List<LitmusTest.Process> processes) {
        Set<Integer> seen = new HashSet<>();
        for (LitmusTest.Process process : processes) {
            if (!seen.add(process.number())) {
                throw new LitmusException(process.line(), "a second P" + process.number());
            }
        }
        List<LitmusTest.Process> ordered = new ArrayList<>(processes);
        if (ordered.size() > StmtGrammar.MAX_PROCESSES + 1) {
            throw new LitmusException(
                    1, ordered.size() + " processes (allowed: " + (StmtGrammar.MAX_PROCESSES + 1) + ")");
        }
        ordered.sort((a, b) -> Integer.compare(a.number(), b.number()));
        for (int i = 0; i < ordered.size(); i++) {
            if (ordered.get(i).number() != i) {
                throw new LitmusException(ordered.get(i).line(), "no P" + i);
            }
        }
        return ordered;
    }
}
