package kemu.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kemu.host.SafeFiles;
import kemu.litmus.LitmusFiles;
import kemu.litmus.Verdicts;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.corpus.BuiltIn;
import kemu.option.UsageException;

/** The tests that {@code kemu litmus} was given, and what is expected of them. */
final class LitmusInput {
    private static final int NAMED = 5;

    private final List<Path> given;
    private final Path expect;
    private final List<String> unread = new ArrayList<>();

    /** {@code expect} may be null. */
    LitmusInput(List<Path> given, Path expect) {
        this.given = given;
        this.expect = expect;
    }

    /** All files; at least one. */
    List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (Path path : given) {
            try {
                List<Path> found = BuiltIn.isMeant(path)
                        ? BuiltIn.find(path)
                        : LitmusFiles.find(List.of(existing(path)), unread::add);
                if (found.isEmpty()) {
                    String what =
                            BuiltIn.isMeant(path) ? "no such test (corpus: is all of them)" : "no *.litmus file below";
                    throw new UsageException(path + ": " + what + (unread.isEmpty() ? "" : " (" + unread.get(0) + ")"));
                }
                files.addAll(found);
            } catch (IOException e) {
                throw new UsageException(path + ": cannot be read: " + SafeFiles.reason(e));
            }
        }
        tellUnread();
        return files;
    }

    /**
     * Folders that cannot be read: the first few are named, once it is known that nothing is wrong with what was given.
     */
    private void tellUnread() {
        unread.stream().limit(NAMED).forEach(line -> System.err.println("kemu: " + line));
        if (unread.size() > NAMED) {
            System.err.println("kemu: " + (unread.size() - NAMED) + " more cannot be read");
        }
    }

    /** Number of folders and files that could not be read; tests may be missing. */
    int unread() {
        return unread.size();
    }

    private static Path existing(Path path) {
        if (!Files.exists(path)) {
            throw new UsageException(path + ": no such file or directory");
        }
        return path;
    }

    /** What is expected: of the tests that come with kemu, unless told otherwise, what comes with them. */
    Verdicts expected() {
        if (expect == null) {
            return given.stream().allMatch(BuiltIn::isMeant) ? BuiltIn.expected() : Verdicts.none();
        }
        try {
            return Verdicts.read(expect);
        } catch (LitmusException wrong) {
            throw new UsageException(expect + ":" + wrong.line() + ": " + wrong.getMessage());
        } catch (IOException e) {
            throw new UsageException(expect + ": cannot be read: " + SafeFiles.reason(e));
        }
    }
}
