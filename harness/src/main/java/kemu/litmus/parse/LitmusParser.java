package kemu.litmus.parse;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.litmus.LitmusException;
import kemu.litmus.ast.Cond;
import kemu.litmus.ast.LitmusTest;
import org.jparsec.Parser;
import org.jparsec.error.ParserException;

/** Turns a file into a {@link LitmusTest}. */
public final class LitmusParser {
    private static final long MAX_BYTES = 1 << 20;

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
        if (Files.size(file) > MAX_BYTES) {
            throw new LitmusException(0, "larger than " + MAX_BYTES + " bytes");
        }
        try {
            return parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
        } catch (MalformedInputException notUtf) {
            // Old tests have names of authors in Latin-1.
            return parse(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
        }
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
            return assemble(file, name, body, blanked);
        } catch (ParserException wrong) {
            throw new LitmusException(wrong.getLine(), oneLine(wrong));
        } catch (ArithmeticException wrong) {
            throw new LitmusException(0, "number out of range");
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

    private static String oneLine(ParserException wrong) {
        if (wrong.getCause() instanceof ArithmeticException) {
            return "number out of range";
        }
        String message = String.valueOf(wrong.getMessage());
        String[] lines = message.split("\n");
        String last = lines[lines.length - 1].trim();
        if (last.length() > 200) {
            last = last.substring(last.length() - 200);
        }
        if (wrong.getErrorDetails() == null) {
            return last;
        }
        String met = wrong.getErrorDetails().getEncountered();
        String construct = UNSUPPORTED.get(met);
        return construct != null ? "unsupported: " + construct : "not understood at '" + met.replace('\n', ' ') + "'";
    }

    private static LitmusTest assemble(String file, String name, TestGrammar.Body body, String text) {
        List<LitmusTest.Global> globals = new ArrayList<>();
        List<LitmusTest.Register> registers = new ArrayList<>();
        for (TestGrammar.Init init : body.init()) {
            if (init instanceof TestGrammar.Init.Shared shared) {
                globals.add(shared.global());
            } else if (init instanceof TestGrammar.Init.Local local) {
                registers.add(local.register());
            }
        }
        Set<Integer> seen = new HashSet<>();
        for (LitmusTest.Process process : body.processes()) {
            if (!seen.add(process.number())) {
                throw new LitmusException(process.line(), "a second P" + process.number());
            }
        }
        List<LitmusTest.Process> ordered = new ArrayList<>(body.processes());
        ordered.sort((a, b) -> Integer.compare(a.number(), b.number()));
        for (int i = 0; i < ordered.size(); i++) {
            if (ordered.get(i).number() != i) {
                throw new LitmusException(ordered.get(i).line(), "no P" + i);
            }
        }
        TestGrammar.Question asked = body.tail().question();
        String quantifier = asked == null ? "forall" : asked.quantifier();
        Cond condition = asked == null ? new Cond.True() : asked.condition();
        String shown = asked == null
                ? "true"
                : text.substring(asked.from(), asked.to()).trim().replaceAll("\\s+", " ");
        return new LitmusTest(
                file,
                name,
                globals,
                registers,
                ordered,
                body.tail().locations(),
                body.tail().filter(),
                quantifier,
                condition,
                shown);
    }
}
