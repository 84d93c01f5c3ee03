package kemu.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line: one class per verb. Exit codes: 0 pass, 1 violation, 2 usage, 3 inconclusive, 70 internal. */
@Command(
        name = "kemu",
        description = "Runs Linux memory-management locking on emulated hardware and says whether it is right.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            ReplayCommand.class,
            InspectCommand.class,
            TraceCommand.class,
            LitmusCommand.class,
            ListCommand.class,
            BenchCommand.class
        })
final class Verbs implements Runnable {
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
        CommandLine line = new CommandLine(new Verbs());
        line.setParameterExceptionHandler(Verbs::wrongUsage);
        line.setExecutionExceptionHandler(Verbs::failed);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line.execute(args);
    }

    private static int wrongUsage(ParameterException mistake, String[] args) {
        String message = mistake.getMessage();
        String verbs = mistake.getCommandLine().getSubcommands().isEmpty()
                ? ""
                : " (allowed: "
                        + String.join(
                                ", ", mistake.getCommandLine().getSubcommands().keySet()) + ")";
        if (mistake instanceof CommandLine.UnmatchedArgumentException) {
            message +=
                    verbs.isEmpty() ? " (see kemu " + mistake.getCommandLine().getCommandName() + " --help)" : verbs;
        }
        return usage(message);
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
