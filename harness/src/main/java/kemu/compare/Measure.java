package kemu.compare;

import java.util.Locale;
import kemu.report.plot.LatencyFormat;

/** What is compared, and how its values are told: a latency of which less is better, unless it says otherwise. */
interface Measure {
    /** Name of the constant. */
    String name();

    /** {@code value} with its unit. */
    default String text(double value) {
        return LatencyFormat.text(value);
    }

    /** Its key in JSON. */
    default String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As people call it. */
    String word();

    /** Whether more is better. */
    default boolean moreIsBetter() {
        return false;
    }
}
