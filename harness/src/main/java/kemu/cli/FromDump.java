package kemu.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kemu.check.Expected;
import kemu.check.Scenarios;
import kemu.check.dump.Dump;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.host.SafeFiles;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;
import kemu.hw.mem.FailureKind;
import kemu.option.UsageException;
import kemu.results.JsonTree;
import kemu.results.RunResults;

/**
 * From the dump of a run that hung, or in which the wrong lock was released, to the scenario that shows the same of its
 * strategy in a few steps.
 *
 * @param anonVma the anon_vma strategy of the run
 * @param spinLock its spinlock
 * @param kind of failure, as in {@code run.json}; empty if that is not there
 */
record FromDump(String anonVma, String spinLock, String kind) {
    private static final List<String> OF_LOCKS = List.of("", "hang", "kernel-bug", "wrong-unlock");

    /** Reads {@code folder}: a dump, or the directory of a run with one in it. */
    static FromDump read(Path folder) {
        Path dump = Files.isDirectory(folder.resolve("dump")) ? folder.resolve("dump") : folder;
        try {
            Dump read = Dump.read(dump);
            if (!read.scenario().equals("run")) {
                throw new UsageException("--from: " + folder + " is a dump of kemu check, of " + read.scenario()
                        + " (allowed: a dump of kemu run)");
            }
            Map<String, String> options = new HashMap<>();
            for (String option : read.options().split(" ")) {
                int at = option.indexOf('=');
                options.put(at < 0 ? option : option.substring(0, at), option.substring(at + 1));
            }
            Path report = dump.toAbsolutePath().normalize().resolveSibling(RunResults.JSON);
            return new FromDump(
                    options.getOrDefault("anon_vma", ""),
                    options.getOrDefault("spinlock", ""),
                    Files.isRegularFile(report) ? kindIn(report) : "");
        } catch (Dump.Malformed malformed) {
            throw new UsageException("--from: " + folder + ": " + malformed.getMessage());
        } catch (IOException unreadable) {
            throw new UsageException("--from: " + folder + " is no dump (" + SafeFiles.reason(unreadable) + ")");
        }
    }

    private static String kindIn(Path report) throws IOException {
        return JsonTree.object(Files.readString(report)).get("kind") instanceof String kind ? kind : "";
    }

    /**
     * Checks the scenario that shows the failure.
     *
     * @param arguments as typed, without the scenario
     */
    static int check(Path folder, MemoryModel model, List<String> arguments) {
        FromDump dump = read(folder);
        Optional<Scenario> scenario = dump.scenario(model);
        String failure = dump.kind.isEmpty() ? "" : " kind=" + dump.kind;
        if (scenario.isEmpty()) {
            System.out.println("no scenario is known that shows this failure" + failure + " with --anon-vma "
                    + dump.anonVma + " on " + model.label());
            System.out.println("SUMMARY verb=check verdict=UNKNOWN kind=no-scenario anon_vma=" + dump.anonVma);
            return Main.UNKNOWN;
        }
        List<String> command = new ArrayList<>(List.of("check", scenario.get().name(), "--anon-vma", dump.anonVma));
        if (!dump.spinLock.equals(Subject.SPIN_LOCK)) {
            command.addAll(List.of("--spinlock", dump.spinLock));
        }
        for (int i = 1; i < arguments.size(); i++) {
            if (arguments.get(i).equals("--from")) {
                i++;
            } else if (!arguments.get(i).startsWith("--from=")) {
                command.add(arguments.get(i));
            }
        }
        System.out.println("scenario that shows such a failure" + failure + ": kemu " + String.join(" ", command));
        return Verbs.execute(command.toArray(new String[0]));
    }

    /** The first scenario that must fail of the strategy with a hang or a wrong unlock; empty if none is known to. */
    Optional<Scenario> scenario(MemoryModel model) {
        return OF_LOCKS.contains(kind)
                ? Scenarios.all().stream()
                        .filter(one -> one.byAnonVma() && one.variants().contains(anonVma))
                        .filter(one -> convicts(one, model))
                        .findFirst()
                : Optional.empty();
    }

    private boolean convicts(Scenario one, MemoryModel model) {
        Expectation expected = Expected.of(new Subject(one.name(), anonVma, spinLock, model, List.of()));
        return expected.verdict() == Verdict.FAIL
                && (expected.kinds().contains(FailureKind.HANG)
                        || expected.kinds().contains(FailureKind.BAD_UNLOCK));
    }
}
