package kemu.cli;

import java.nio.file.Path;
import java.util.List;
import kemu.check.Plugins;
import kemu.check.Plugins.PluginFailure;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code --plugin}, of every verb that looks at what a plugin may have added. */
final class PluginOption {
    @Option(
            names = "--plugin",
            paramLabel = "JAR",
            description =
                    "a jar, or a folder of classes, with strategies or scenarios of other authors; may be repeated")
    private List<Path> plugins = List.of();

    /** Makes their names known; throws {@link UsageException} if one is unusable. */
    void load() {
        try {
            Plugins.load(plugins);
        } catch (PluginFailure unusable) {
            throw new UsageException(unusable.getMessage());
        }
    }
}
