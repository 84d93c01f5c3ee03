package kemu.cli;

import java.util.Set;
import kemu.option.UsageException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line: one class per verb. Exit codes: 0 pass, 1 violation, 2 usage, 3 inconclusive, 70 internal. */
@Command(
        name = "kemu",
        description = "Runs Linux memory-management locking on emulated hardware and says whether it is right.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:pass",
            "1:a violation was found",
            "2:wrong usage, said in one line",
            "3:inconclusive: what was asked for did not come to its end",
            "70:an internal error of kemu"
        },
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
final class Verbs implements Runnable {
    /** picocli takes time with the square of what it does not know. */
    private static final int MOST_ARGUMENTS = 20_000;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "no verb given (allowed: "
                        + String.join(", ", spec.subcommands().keySet()) + ")");
    }

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
            line = line();
        } catch (UsageException unusable) {
            return usage(unusable.getMessage());
        }
        return line.execute(args);
    }

    /** All verbs with all their options. */
    static CommandLine line() {
        CommandLine line = new CommandLine(new Verbs());
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
