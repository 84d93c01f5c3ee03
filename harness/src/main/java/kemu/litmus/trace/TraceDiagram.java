package kemu.litmus.trace;

import java.util.List;
import java.util.Locale;

/**
 * The execution as a drawing: a lane for each process, time downwards, an arrow from who gives a value to who reads it.
 */
final class TraceDiagram {
    private static final int LANE = 310;
    private static final int BOX = 282;
    private static final int ROW = 34;
    private static final int TALL = 24;
    private static final int TOP = 40;
    private static final int LETTERS = 42;

    private final ModelTrace trace;
    private final StringBuilder svg = new StringBuilder(8000);

    private TraceDiagram(ModelTrace trace) {
        this.trace = trace;
    }

    /** As an SVG element to stand in a page. */
    static String of(ModelTrace trace) {
        return new TraceDiagram(trace).draw();
    }

    private String draw() {
        List<TraceStep> steps = trace.steps();
        int width = LANE * trace.processes() + 20;
        int height = TOP + ROW * steps.size() + 20;
        add(
                "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" style=\"max-width:100%%;height:auto\"><defs>"
                        + "<marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\""
                        + " markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
                        + "<path d=\"M0,0 L8,4 L0,8 z\" fill=\"#b03a2e\"/></marker></defs>",
                width, height, width);
        for (int p = 0; p < trace.processes(); p++) {
            int x = middle(p);
            add("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#bbb\"/>", x, TOP - 8, x, height - 10);
            add("<text x=\"%d\" y=\"20\" text-anchor=\"middle\" font-family=\"sans-serif\">P%d</text>", x, p);
        }
        for (int i = 0; i < steps.size(); i++) {
            box(i, steps.get(i));
        }
        for (int i = 0; i < steps.size(); i++) {
            arrow(i, steps.get(i));
        }
        return svg.append("</svg>").toString();
    }

    private void box(int row, TraceStep step) {
        String text = step.what();
        text = text.length() > LETTERS ? text.substring(0, LETTERS - 1) + "\u2026" : text;
        add(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\" stroke=\"#888\"/>",
                middle(step.process()) - BOX / 2, TOP + ROW * row, BOX, TALL, step.hardware() ? "#eef4ff" : "#fff6dc");
        add(
                "<text x=\"%d\" y=\"%d\" font-family=\"monospace\" font-size=\"10.5\"><title>%s</title>%s</text>",
                middle(step.process()) - BOX / 2 + 6,
                TOP + ROW * row + 16,
                TracePage.escape(step.what()),
                TracePage.escape(text));
    }

    private void arrow(int row, TraceStep step) {
        if (step.from() < 0) {
            return;
        }
        int giver = trace.steps().get(step.from()).process();
        int side = Integer.compare(step.process(), giver);
        int x1 = middle(giver) + (side < 0 ? -BOX / 2 : BOX / 2);
        int x2 = middle(step.process()) + (side > 0 ? -BOX / 2 : BOX / 2);
        int y1 = TOP + ROW * step.from() + TALL / 2;
        int y2 = TOP + ROW * row + TALL / 2;
        int out = side == 0 ? 24 : 14 * side;
        int in = side == 0 ? 24 : -14 * side;
        add(
                "<path d=\"M%d,%d C%d,%d %d,%d %d,%d\" fill=\"none\" stroke=\"#b03a2e\" marker-end=\"url(#a)\"/>",
                x1, y1, x1 + out, y1, x2 + in, y2, x2, y2);
    }

    private static int middle(int process) {
        return 10 + LANE / 2 + LANE * process;
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
