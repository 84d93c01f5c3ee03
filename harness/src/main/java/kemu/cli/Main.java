package kemu.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line. One class per verb; exit codes as DESIGN says: 0, 1, 2, 3, 70. */
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
public final class Main implements Runnable {
    static final int USAGE = 2;
    static final int INTERNAL = 70;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "no verb given (allowed: "
                        + String.join(", ", spec.subcommands().keySet()) + ")");
    }

    /** Entry point. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /** Runs one command and returns its exit code. */
    static int execute(String... args) {
        CommandLine line = new CommandLine(new Main());
        line.setParameterExceptionHandler(Main::wrongUsage);
        line.setExecutionExceptionHandler(Main::failed);
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
        System.err.println("kemu: internal error: " + failure);
        failure.printStackTrace(System.err);
        return INTERNAL;
    }

    private static int usage(String message) {
        System.err.println("kemu: " + message.replace('\n', ' '));
        return USAGE;
    }
}
