package kemu.check.file;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class FileScenarios {
    /** Those of truncation, then those of hole punching. */
    public static final List<Scenario> ALL = List.of(
            new TruncateFault(
                    "file-truncate-cow",
                    "ftruncate against a private write to a page beyond the new end: does its copy survive?",
                    true,
                    true,
                    List.of(FileScenario.CURRENT, "first-pass-only", "second-pass-only", "cows-last")),
            new TruncateFault(
                    "file-truncate-fault",
                    "ftruncate against a read fault that has found the page in the cache",
                    false,
                    true,
                    List.of(FileScenario.CURRENT, "mapping-not-checked", "size-last")),
            new TruncateFault(
                    "file-truncate-read",
                    "ftruncate against a read fault that reads the page from disk",
                    false,
                    false,
                    List.of(FileScenario.CURRENT, "size-not-checked", "size-last")),
            new TruncateReclaim(),
            new TruncateMigrate("file-truncate-migrate", true),
            new TruncateMigrate("file-truncate-migrate-cow", false),
            new PunchCow(),
            new PunchFault());

    private FileScenarios() {}
}
