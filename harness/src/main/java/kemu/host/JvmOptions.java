package kemu.host;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Options without which a JVM cannot run kemu: packages of {@code java.base} that fibers and emulated memory reach. The
 * manifest of kemu.jar gives them to {@code java -jar}; a JVM started in another way needs them on its command line.
 */
public final class JvmOptions {
    /** As in the manifest. */
    public static final List<String> REQUIRED = List.of(
            "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED");

    private JvmOptions() {}

    /** What another JVM that does kemu's work is started with: the options of this one, and those it must have. */
    public static List<String> ofAnother() {
        List<String> options =
                new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
        options.addAll(REQUIRED);
        return options;
    }

    /**
     * kemu in another process, which may be in another folder, started as this one was but without options that
     * {@code kept} is false of; {@code further} ones and then its own arguments follow.
     */
    public static List<String> kemu(Predicate<String> kept, String... further) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        ofAnother().stream().filter(kept).forEach(command::add);
        command.addAll(List.of(further));
        String path = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        command.addAll(List.of("-cp", path, "kemu.cli.Main"));
        return command;
    }
}
