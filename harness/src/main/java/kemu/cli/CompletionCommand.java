package kemu.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** {@code kemu completion}: what a shell needs to complete verbs, options and names. */
@Command(
        name = "completion",
        description = {
            "Prints a script that completes kemu's verbs, options and names.",
            "bash: source <(./kemu completion); zsh: the same, after autoload -U +X bashcompinit && bashcompinit"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        System.out.print(AutoComplete.bash("kemu", Verbs.line()));
        return 0;
    }
}
