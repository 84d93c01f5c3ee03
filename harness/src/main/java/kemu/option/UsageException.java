package kemu.option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.jline.utils.Levenshtein;

/** A user's mistake: the message is one line that says what was given and what is allowed. Exit code 2. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A mistake that {@code message} tells. */
    public UsageException(String message) {
        super(message);
    }

    /** Throws unless {@code value}, given for {@code option}, is one of {@code allowed}. */
    public static void requireOneOf(String option, String value, Collection<String> allowed) {
        if (!allowed.contains(value)) {
            String nearest = nearest(value, allowed);
            throw new UsageException(option + ": '" + value + "' ("
                    + (nearest == null ? "" : "did you mean '" + nearest + "'? ")
                    + "allowed: " + String.join(", ", allowed) + ")");
        }
    }

    /** Throws unless {@code least <= value <= most}, given for {@code option}. */
    public static void requireRange(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(option + ": " + value + " (allowed: " + least + ".." + most + ")");
        }
    }

    /** Throws if {@code folder}, given for {@code option}, is something else than a folder, or below a file. */
    public static void requireFolder(String option, Path folder) {
        for (Path at = folder.toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.exists(at)) {
                if (!Files.isDirectory(at)) {
                    throw new UsageException(option + ": " + at + " is no folder (allowed: a folder, made if need be)");
                }
                return;
            }
        }
    }

    /** Throws if {@code file}, given for {@code option}, is a folder; returns it, or null if nothing was given. */
    public static Path requireFile(String option, Path file) {
        if (file != null && Files.isDirectory(file)) {
            throw new UsageException(option + ": " + file + " is a folder (allowed: a file, made if need be)");
        }
        return file;
    }

    /** The allowed value that needs the fewest changes; null if all are far away. */
    public static String nearest(String value, Collection<String> allowed) {
        String nearest = null;
        int least = 1 + value.length() / 2;
        for (String one : allowed) {
            int distance = Levenshtein.distance(value, one);
            if (distance < least) {
                least = distance;
                nearest = one;
            }
        }
        return nearest;
    }
}
