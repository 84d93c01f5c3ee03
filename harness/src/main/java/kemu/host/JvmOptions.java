package kemu.host;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

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
}
