package kemu.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What must be on a man page, from the command line's own model. */
public final class ManPages {
    private ManPages() {}

    /** By the name of its page, such as {@code kemu-trace-import}: every verb. */
    public static Map<String, CommandSpec> verbs() {
        Map<String, CommandSpec> pages = new TreeMap<>();
        collect(Verbs.line(), pages);
        return pages;
    }

    private static void collect(CommandLine line, Map<String, CommandSpec> pages) {
        pages.put(line.getCommandSpec().qualifiedName("-"), line.getCommandSpec());
        line.getSubcommands().values().forEach(one -> collect(one, pages));
    }

    /** Names of options and of verbs below {@code verb} that {@code page} does not tell. */
    public static List<String> missing(CommandSpec verb, String page) {
        List<String> missing = new ArrayList<>();
        for (OptionSpec option : verb.options()) {
            for (String name : option.names()) {
                if (!option.hidden() && !page.contains(name)) {
                    missing.add(name);
                }
            }
        }
        verb.subcommands().keySet().stream()
                .filter(name -> !page.contains(name))
                .forEach(missing::add);
        return missing;
    }
}
