package kemu.cli;

import java.util.Set;
import kemu.option.UsageException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line: one class per verb. Exit codes: 0 pass, 1 violation, 2 usage, 3 inconclusive, 70 internal. */
@Command(
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            ReplayCommand.class,
            InspectCommand.class,
            TraceCommand.class,
            LitmusCommand.class,
            ListCommand.class,
            BenchCommand.class,
            ReportCommand.class,
            CompareCommand.class,
            MergeCommand.class,
            NewCommand.class,
            CampaignCommand.class,
            CompletionCommand.class,
            CommandLine.HelpCommand.class
        })
final class Verbs extends Kemu {
    /** picocli takes time with the square of what it does not know. */
    private static final int MOST_ARGUMENTS = 20_000;

    /** Runs one command and returns its exit code. */
    static int execute(String... args) {
        if (args.length > MOST_ARGUMENTS) {
            return usage(args.length + " arguments (allowed: " + MOST_ARGUMENTS + ")");
        }
        CommandLine line;
        try {
            if (args.length > 0 && args[0].equals("run")) {
                PluginOption.loadEarly(args);
            }
            line = lineFor(args);
        } catch (UsageException unusable) {
            return usage(unusable.getMessage());
        }
        return line.execute(args);
    }

    /** All verbs with all their options. */
    static CommandLine line() {
        return set(new CommandLine(new Verbs()));
    }

    /**
     * What {@code args} are read by. The options of a verb take time to make, so if they name one, it is the only one.
     */
    private static CommandLine lineFor(String... args) {
        for (Class<?> verb : Verbs.class.getAnnotation(Command.class).subcommands()) {
            if (args.length > 0
                    && verb != CommandLine.HelpCommand.class
                    && verb.getAnnotation(Command.class).name().equals(args[0])) {
                // A command line of its own first: what is added to one later is not transformed.
                return set(new CommandLine(new Kemu()).addSubcommand(new CommandLine(verb)));
            }
        }
        return line();
    }

    private static CommandLine set(CommandLine line) {
        line.setParameterExceptionHandler(Verbs::wrongUsage);
        line.setExecutionExceptionHandler(Verbs::failed);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // An argument that begins with @ is that argument, not a file of arguments.
        line.setExpandAtFiles(false);
        return line;
    }

    private static int wrongUsage(ParameterException mistake, String[] args) {
        CommandLine line = mistake.getCommandLine();
        if (mistake instanceof CommandLine.UnmatchedArgumentException unmatched) {
            return usage(unmatched(line, unmatched.getUnmatched().get(0)));
        }
        // How a converter of picocli says that something is no number, or one beyond 64 bits.
        return usage(
                mistake.getMessage().replaceFirst("is not an? (long|int)$", "is not a whole number, or is too large"));
    }

    /** What was given, what was probably meant, what is allowed. */
    private static String unmatched(CommandLine line, String given) {
        Set<String> verbs = line.getSubcommands().keySet();
        boolean option = given.startsWith("-") && given.length() > 1;
        String nearest = UsageException.nearest(
                given, option ? line.getCommandSpec().optionsMap().keySet() : verbs);
        String allowed = verbs.isEmpty() || option
                ? "see kemu " + line.getCommandSpec().qualifiedName(" ").replaceFirst("^kemu ?", "") + " --help"
                : "allowed: " + String.join(", ", verbs);
        return "'" + given + "': "
                + (option ? "no such option" : verbs.isEmpty() ? "one argument too many" : "no such verb") + " ("
                + (nearest == null ? "" : "did you mean '" + nearest + "'? ") + allowed + ")";
    }

    private static int failed(Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
        if (failure instanceof UsageException mistake) {
            return usage(mistake.getMessage());
        }
        return Main.tell(failure);
    }

    private static int usage(String message) {
        System.err.println("kemu: " + message.replace('\n', ' '));
        return Main.USAGE;
    }
}
