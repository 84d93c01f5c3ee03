package kemu.litmus;

import java.util.Locale;
import kemu.litmus.ast.LitmusTest;

/** Results in the form that herd7 prints, which other tools read. */
public final class HerdText {
    private HerdText() {}

    /** The whole block of one test, ending in an empty line. */
    public static String of(LitmusTest test, LitmusOutcome outcome, double seconds) {
        StringBuilder out = new StringBuilder();
        String kind = test.quantifier().equals("exists")
                ? "Allowed"
                : test.quantifier().equals("forall") ? "Required" : "Forbidden";
        out.append("Test ").append(test.name()).append(' ').append(kind).append('\n');
        out.append("States ").append(outcome.states().size()).append('\n');
        outcome.states().forEach(state -> out.append(state).append('\n'));
        out.append(outcome.complete() ? ok(test, outcome) ? "Ok" : "No" : "Unknown: state limit")
                .append('\n');
        out.append("Witnesses\n");
        out.append("Positive: ").append(outcome.positive());
        out.append(" Negative: ").append(outcome.negative()).append('\n');
        outcome.flags().forEach(flag -> out.append("Flag ").append(flag).append('\n'));
        out.append("Condition ")
                .append(test.quantifier())
                .append(' ')
                .append(test.text())
                .append('\n');
        out.append("Observation ").append(test.name()).append(' ').append(outcome.observation());
        out.append(' ')
                .append(outcome.positive())
                .append(' ')
                .append(outcome.negative())
                .append('\n');
        if (outcome.explored() != null) {
            out.append("Executions ").append(outcome.explored().text()).append('\n');
        }
        out.append(String.format(Locale.ROOT, "Time %s %.2f%n%n", test.name(), seconds));
        return out.toString();
    }

    private static boolean ok(LitmusTest test, LitmusOutcome outcome) {
        return switch (test.quantifier()) {
            case "exists" -> outcome.positive() > 0;
            case "forall" -> outcome.negative() == 0;
            default -> outcome.positive() == 0;
        };
    }
}
