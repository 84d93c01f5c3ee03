package kemu.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line before its first word, see {@link Verbs}. */
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
        })
class Kemu implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "no verb given (allowed: "
                        + String.join(", ", spec.subcommands().keySet()) + ")");
    }
}
