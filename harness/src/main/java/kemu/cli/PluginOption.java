package kemu.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import kemu.check.Plugins;
import kemu.check.Plugins.PluginFailure;
import kemu.option.UsageException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code --plugin}, of every verb that looks at what a plugin may have added. */
final class PluginOption {
    private static final String NAME = "--plugin";

    @Option(
            names = NAME,
            paramLabel = "JAR",
            description = "a jar, or a folder of classes, with strategies, scenarios, workloads or memory models of"
                    + " other authors; may be repeated")
    private List<Path> plugins = List.of();

    /**
     * Does the same with what {@code args} say, as far as they can be understood, before the options of the workloads
     * in the jars are known.
     */
    static void loadEarly(String... args) {
        if (Arrays.stream(args).noneMatch(one -> one.startsWith(NAME))) {
            return;
        }
        PluginOption option = new PluginOption();
        CommandLine line = new CommandLine(CommandSpec.forAnnotatedObjectLenient(option));
        line.setUnmatchedArgumentsAllowed(true);
        line.setExpandAtFiles(false);
        try {
            line.parseArgs(args);
        } catch (ParameterException toldLater) {
            return;
        }
        option.load();
    }

    /** True if one was given. */
    boolean given() {
        return !plugins.isEmpty();
    }

    /** Makes their names known; throws {@link UsageException} if one is unusable. */
    void load() {
        try {
            Plugins.load(plugins);
        } catch (PluginFailure unusable) {
            throw new UsageException(unusable.getMessage());
        }
    }
}
