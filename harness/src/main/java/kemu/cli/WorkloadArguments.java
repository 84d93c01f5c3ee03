package kemu.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.option.UsageException;
import kemu.workload.WorkloadProvider;
import kemu.workload.Workloads;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The options of workloads as {@code kemu run} takes them: those of all are known to it by name, as text, so that help
 * and a word about a mistake can name them; the workload that runs then parses its own.
 */
final class WorkloadArguments implements CommandLine.IModelTransformer {
    /** Before the options that all workloads take, which have picocli's -1. */
    private static final int FIRST = -2;

    /** What workloads are called. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Workloads.names().iterator();
        }
    }

    @Override
    public CommandSpec transform(CommandSpec run) {
        addTo(run, Workloads.all());
        return run;
    }

    /** Makes the options of {@code all} known to {@code run}. */
    static void addTo(CommandSpec run, List<WorkloadProvider> all) {
        Map<String, OptionSpec> first = new LinkedHashMap<>();
        Map<String, List<String>> descriptions = new LinkedHashMap<>();
        for (WorkloadProvider one : all) {
            for (OptionSpec option : optionsOf(one)) {
                first.putIfAbsent(option.longestName(), option);
                descriptions
                        .computeIfAbsent(option.longestName(), none -> new ArrayList<>())
                        .add(one.name() + ": " + String.join(" ", option.description()));
            }
        }
        refuseTaken(run, all);
        first.forEach((name, option) -> run.addOption(known(option, descriptions.get(name))));
    }

    /** Options of a workload, which may be another author's, that all workloads take are refused. */
    private static void refuseTaken(CommandSpec run, List<WorkloadProvider> all) {
        for (WorkloadProvider one : all) {
            for (OptionSpec option : optionsOf(one)) {
                for (String name : option.names()) {
                    if (run.optionsMap().containsKey(name)) {
                        throw new UsageException("plugin: workload " + one.name() + ": option " + name + " is taken");
                    }
                }
            }
        }
    }

    /** What {@code run} knows of {@code option}; its value is text. */
    private static OptionSpec known(OptionSpec option, List<String> descriptions) {
        boolean flag = option.arity().max() == 0;
        return OptionSpec.builder(option.names())
                .type(flag ? boolean.class : option.isMultiValue() ? String[].class : String.class)
                .arity(option.arity().toString())
                .paramLabel(option.paramLabel())
                .splitRegex(option.splitRegex())
                .defaultValue(option.defaultValue())
                .description(descriptions.toArray(new String[0]))
                .userObject(option.userObject())
                .order(FIRST)
                .build();
    }

    /**
     * Gives {@code workload}, one of {@code all}, what was typed for it. An option that it cannot use is a mistake, and
     * not one to be found out after a night's run.
     */
    static void give(WorkloadProvider workload, List<WorkloadProvider> all, ParseResult typed) {
        refuseOptionsOfOthers(workload, all, typed);
        CommandLine own = new CommandLine(CommandSpec.forAnnotatedObjectLenient(workload));
        own.setExpandAtFiles(false);
        List<String> words = new ArrayList<>();
        for (OptionSpec option : own.getCommandSpec().options()) {
            String name = option.longestName();
            if (!typed.hasMatchedOption(name)) {
                continue;
            }
            if (option.arity().max() == 0) {
                words.add(name);
            } else {
                typed.matchedOption(name).originalStringValues().forEach(value -> words.add(name + "=" + value));
            }
        }
        own.parseArgs(words.toArray(new String[0]));
    }

    private static void refuseOptionsOfOthers(
            WorkloadProvider workload, List<WorkloadProvider> all, ParseResult typed) {
        List<String> foreign = new ArrayList<>();
        owners(all).forEach((name, of) -> {
            if (!of.contains(workload.name()) && typed.hasMatchedOption(name)) {
                foreign.add(name);
            }
        });
        if (!foreign.isEmpty()) {
            List<String> own =
                    optionsOf(workload).stream().map(OptionSpec::longestName).toList();
            throw new UsageException(String.join(", ", foreign) + ": not for " + workload.name()
                    + " (allowed beside what all workloads take: " + String.join(", ", own) + ")");
        }
    }

    /** The workloads that have an option, by its name. */
    private static Map<String, List<String>> owners(List<WorkloadProvider> all) {
        Map<String, List<String>> owners = new LinkedHashMap<>();
        for (WorkloadProvider one : all) {
            for (OptionSpec option : optionsOf(one)) {
                owners.computeIfAbsent(option.longestName(), none -> new ArrayList<>())
                        .add(one.name());
            }
        }
        return owners;
    }

    private static List<OptionSpec> optionsOf(WorkloadProvider workload) {
        return CommandSpec.forAnnotatedObjectLenient(workload).options();
    }
}
