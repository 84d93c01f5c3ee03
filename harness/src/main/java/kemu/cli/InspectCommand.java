package kemu.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import kemu.check.dump.Dump;
import kemu.check.dump.Inspector;
import kemu.option.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kemu inspect}: what is in the memory of a machine that failed. */
@Command(
        name = "inspect",
        description = {
            "Prints what is in a dump: tasks, locks, slabs, slab NAME, at ADDRESS, or STRUCT ADDRESS",
            "(page 0x9dc0, page pfn:26, anon_vma 0x20000). Without a question: tasks and locks."
        },
        mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DUMP", description = "a dump/ written by kemu check or kemu run")
    private Path dump;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "QUESTION", description = "as above; several are allowed")
    private List<String> words = new ArrayList<>();

    @Mixin
    private PluginOption plugins = new PluginOption();

    @Override
    public Integer call() {
        plugins.load();
        try (Inspector inspector = new Inspector(dump)) {
            List<String> answers = new ArrayList<>();
            List<String> asked = asked();
            for (int i = 0; i < asked.size(); i++) {
                String word = asked.get(i);
                if (List.of("tasks", "locks", "slabs").contains(word)) {
                    answers.add(
                            word.equals("tasks")
                                    ? inspector.tasks()
                                    : word.equals("locks") ? inspector.locks() : inspector.slabs());
                } else {
                    answers.add(about(inspector, word, i + 1 < asked.size() ? asked.get(++i) : null));
                }
            }
            answers.forEach(System.out::println);
            System.out.println("SUMMARY verb=inspect verdict=PASS answers=" + answers.size());
            return 0;
        } catch (Dump.Malformed malformed) {
            throw new UsageException(dump + ": " + malformed.getMessage());
        } catch (IOException unreadable) {
            throw new UsageException(dump + ": cannot be read: " + unreadable.getMessage());
        }
    }

    /** Word by word: questions are parted by commas or blanks, in one argument or several. */
    private List<String> asked() {
        List<String> asked = Arrays.stream(String.join(" ", words).split("[\\s,]+"))
                .filter(word -> !word.isEmpty())
                .toList();
        return asked.isEmpty() ? List.of("tasks", "locks") : asked;
    }

    private static String about(Inspector inspector, String what, String which) {
        List<String> known = new ArrayList<>(List.of("tasks", "locks", "slabs", "slab", "at"));
        known.addAll(inspector.structNames());
        UsageException.requireOneOf("question", what, known);
        if (which == null) {
            throw new UsageException(what + ": " + (what.equals("slab") ? "name" : "address") + " is missing");
        }
        if (what.equals("slab")) {
            UsageException.requireOneOf("slab", which, inspector.slabNames());
            return inspector.slab(which);
        }
        long address = address(inspector, what, which);
        return what.equals("at")
                ? "0x" + Long.toHexString(address) + ": " + inspector.nameOf(address)
                : inspector.struct(what, address);
    }

    private static long address(Inspector inspector, String what, String text) {
        long address = -1;
        try {
            address = what.equals("page") && text.startsWith("pfn:")
                    ? inspector.pageOfPfn(Long.parseLong(text.substring(4), 16))
                    : Long.decode(text);
        } catch (NumberFormatException bad) {
            // Told below.
        }
        if (!inspector.isMapped(address, Long.BYTES) || (address & 7) != 0) {
            throw new UsageException(what + ": '" + text + "' (allowed: an address of this memory, a multiple of 8)");
        }
        return address;
    }
}
