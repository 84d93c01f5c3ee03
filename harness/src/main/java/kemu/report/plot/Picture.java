package kemu.report.plot;

import java.util.function.Supplier;
import kemu.report.Html;

/** Pictures of a page. One that cannot be drawn on this host is left out, with the reason in its place. */
public final class Picture {
    private Picture() {}

    /** What {@code drawing} draws as SVG; {@code label} is what it shows, in words. */
    public static String svg(String label, int width, int height, Supplier<Plot> drawing) {
        // There is no screen, and none is wanted; must be said before the first class of java.awt is used.
        System.setProperty("java.awt.headless", "true");
        try {
            return drawing.get().svg(label, width, height);
        } catch (java.io.IOException | RuntimeException | LinkageError | OutOfMemoryError failed) {
            return "<p>a picture is missing: " + Html.escape(failed.toString()) + "</p>";
        }
    }
}
