package kemu.litmus;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.input.TextFile;
import kemu.litmus.ast.LitmusException;

/** Expected verdicts: a CSV file with the columns test, verdict, states (may be empty). */
public final class Verdicts {
    /** Of a test that the right answer to is to refuse it. */
    public static final String UNSUPPORTED = "Unsupported";

    private static final Set<String> KNOWN = Set.of("Never", "Sometimes", "Always", UNSUPPORTED);

    /** What somebody says about a test; {@code states} is -1 if not told. */
    public record Expected(String verdict, int states) {}

    /** How a verdict of ours stands to the expected one. */
    public enum Standing {
        /** The same. */
        AGREE,
        /** Less is shown than is allowed. */
        STRONGER,
        /** Something is shown that is forbidden. */
        UNSOUND,
        /** A limit left it open. */
        UNKNOWN,
        /** Nothing was expected. */
        NONE
    }

    private static final int LARGEST_TABLE = 16 << 20;

    private final Map<String, Expected> byTest;

    private Verdicts(Map<String, Expected> byTest) {
        this.byTest = byTest;
    }

    /** Nothing expected. */
    public static Verdicts none() {
        return new Verdicts(Map.of());
    }

    /** Reads {@code file}; throws {@link LitmusException} naming the line that is not understood. */
    public static Verdicts read(Path file) throws IOException {
        return of(TextFile.read(file, LARGEST_TABLE).lines().toList());
    }

    /** From the lines of such a file. */
    public static Verdicts of(List<String> lines) {
        Map<String, Expected> byTest = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).trim();
            if (line.isEmpty() || line.startsWith("#") || i == 0 && line.startsWith("test,")) {
                continue;
            }
            String[] cells = line.split(",", -1);
            if (cells.length < 2 || !KNOWN.contains(cells[1].trim())) {
                throw new LitmusException(
                        i + 1, "not of the form test,verdict,states (verdicts: Never, Sometimes, Always, Unsupported)");
            }
            int states = -1;
            try {
                states = cells.length < 3 || cells[2].isBlank() ? -1 : Integer.parseInt(cells[2].trim());
            } catch (NumberFormatException wrong) {
                throw new LitmusException(i + 1, "states: '" + cells[2].trim() + "' is no number");
            }
            byTest.put(cells[0].trim(), new Expected(cells[1].trim(), states));
        }
        return new Verdicts(byTest);
    }

    /** What is expected of {@code test}, or null. */
    public Expected of(String test) {
        return byTest.get(test);
    }

    /** Whether anything is expected at all. */
    public boolean isEmpty() {
        return byTest.isEmpty();
    }

    /** How the refusal of a test stands to what was expected. */
    public static Standing refused(Expected expected) {
        if (expected == null) {
            return Standing.NONE;
        }
        return expected.verdict.equals(UNSUPPORTED) ? Standing.AGREE : Standing.UNKNOWN;
    }

    /** Compares what was found with what was expected. */
    public static Standing compare(Expected expected, LitmusOutcome found) {
        if (expected == null) {
            return Standing.NONE;
        }
        if (expected.verdict.equals(UNSUPPORTED)) {
            return Standing.UNSOUND;
        }
        boolean mayHold = !expected.verdict.equals("Never");
        boolean mayFail = !expected.verdict.equals("Always");
        boolean counted = expected.states >= 0;
        if (found.positive() > 0 && !mayHold
                || found.negative() > 0 && !mayFail
                || counted && found.states().size() > expected.states) {
            return Standing.UNSOUND;
        }
        boolean empty = found.positive() + found.negative() == 0;
        if (found.complete() && empty && expected.states != 0) {
            // A test without an execution, such as one that deadlocks, says nothing.
            return Standing.UNKNOWN;
        }
        if (!found.complete()) {
            return found.observation().equals(expected.verdict) ? Standing.AGREE : Standing.UNKNOWN;
        }
        boolean same = found.observation().equals(expected.verdict)
                && (!counted || found.states().size() == expected.states);
        return same ? Standing.AGREE : Standing.STRONGER;
    }
}
