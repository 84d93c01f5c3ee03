package kemu.check.scenario;

import java.util.List;

/**
 * A bug that real kernels had, and that a scenario shows: a row of {@code kemu list bugs}. Kernels and commits are
 * those of the commit texts and mails that the scenario names as its source.
 *
 * @param title what goes wrong, one line
 * @param kernels the releases that had it, such as "6.4.0 to 6.4.9"; or that it is in none, and where it was found
 * @param cause the commit that brought it; empty if it is not known, or the bug is as old as the code
 * @param fix the commit that took it away, and the first release with it
 * @param shipped the variants of the scenario that are as those kernels were: each must fail on some memory model
 */
public record Bug(String title, String kernels, String cause, String fix, List<String> shipped) {
    /** Checks that no column is forgotten. */
    public Bug {
        if (title.isBlank() || kernels.isBlank() || fix.isBlank() || shipped.isEmpty()) {
            throw new IllegalArgumentException("bug: a column is missing: " + title);
        }
        shipped = List.copyOf(shipped);
    }

    /** The same. */
    public Bug(String title, String kernels, String cause, String fix, String... shipped) {
        this(title, kernels, cause, fix, List.of(shipped));
    }

    /** Both commits, one line. */
    public String commits() {
        return (cause.isEmpty() ? "" : "cause " + cause + ", ") + "fix " + fix;
    }
}
