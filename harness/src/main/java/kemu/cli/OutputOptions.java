package kemu.cli;

import java.nio.file.Path;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** Where what was found is written. */
final class OutputOptions {
    private OutputOptions() {}

    /** {@code --out}. */
    static final class Out {
        private static final String USUAL = "kemu-out";

        @Option(
                names = "--out",
                paramLabel = "DIR",
                description = "folder for what is written: of run run.json, latency.hlog, counters.jsonl, report.html"
                        + " and dump/ of a failure; of check schedules, stories and dump/; of litmus run.json and"
                        + " pages of --trace; of bench check bench.json; of compare compare.json and compare.html."
                        + " What an earlier run left there is removed"
                        + " (default: " + USUAL + " of check and bench check, else nothing is written)")
        private Path folder;

        /** The folder that was given; null if none was. */
        Path given() {
            if (folder != null) {
                UsageException.requireFolder("--out", folder);
            }
            return folder;
        }

        /** The folder that was given, or else the default. */
        Path chosen() {
            if (folder == null) {
                UsageException.requireFolder("--out", Path.of(USUAL));
                return Path.of(USUAL);
            }
            return given();
        }
    }

    /** {@code --perfetto}. */
    static final class Perfetto {
        @Option(
                names = "--perfetto",
                paramLabel = "FILE",
                description = "write a trace for ui.perfetto.dev as well: of check and replay the failure told, of"
                        + " one scenario; of run what its CPUs did last")
        private Path file;

        /** The file; null if none was given. */
        Path file() {
            return UsageException.requireFile("--perfetto", file);
        }
    }

    /** {@code --sarif}. */
    static final class SarifFile {
        @Option(
                names = "--sarif",
                paramLabel = "FILE",
                description = "write failures as SARIF 2.1.0 as well, which code hosts and editors show; of all and"
                        + " bugs those that are not expected")
        private Path file;

        /** The file; null if none was given. */
        Path file() {
            return UsageException.requireFile("--sarif", file);
        }
    }

    /** {@code --html}. */
    static final class Html {
        @Option(names = "--html", paramLabel = "FILE", description = "page to write (default: report.html in DIR)")
        private Path file;

        /** The file; null if none was given. */
        Path file() {
            return UsageException.requireFile("--html", file);
        }
    }

    /** {@code --junit}. */
    static final class JUnit {
        @Option(
                names = "--junit",
                paramLabel = "FILE",
                description = "write what was found as JUnit XML as well (check all does so in --out anyway)")
        private Path file;

        /** The file; null if none was given. */
        Path file() {
            return file;
        }
    }
}
