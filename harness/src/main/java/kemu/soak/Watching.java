package kemu.soak;

import java.util.function.Consumer;
import kemu.metrics.MetricsSource;

/**
 * Who looks at a run while it goes on.
 *
 * @param live whether messages tell all of it now and then, instead of one line
 * @param metrics is given what there is to know of the run when it begins
 */
public record Watching(boolean live, Consumer<MetricsSource> metrics) {
    /** Nobody. */
    public static final Watching NONE = new Watching(false, source -> {});
}
