package kemu.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import kemu.host.SafeFiles;

/**
 * Where a report comes from. What decides its other bytes stands in the report itself ({@link #write}): version,
 * commit, command and JDK. What differs although nothing else does, time and host above all, stands beside it in
 * {@value #ENVIRONMENT}: reports of equal runs are then equal, whenever, wherever and into whatever folder they went.
 */
public final class Provenance {
    /** Name of the file that {@link #writeEnvironment} writes. */
    public static final String ENVIRONMENT = "environment.json";

    private static final int SCHEMA = 1;
    private static final String OUT = "--out";
    private static final String UNKNOWN = "unknown";

    private Provenance() {}

    /** The version in the jar's manifest. */
    public static String version() {
        String version = Provenance.class.getPackage().getImplementationVersion();
        return version == null ? "(unpackaged)" : version;
    }

    /** The commit that was built, with a plus sign if files had been changed since; or that it is unknown. */
    public static String commit() {
        Properties build = new Properties();
        try (InputStream in = Provenance.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                build.load(in);
            }
        } catch (IOException damaged) {
            // A report is not worth less without it.
            return UNKNOWN;
        }
        String commit = build.getProperty("git.commit.id.abbrev", UNKNOWN);
        return commit + (build.getProperty("git.dirty", "false").equals("true") ? "+" : "");
    }

    /**
     * Writes the fields {@code version}, {@code commit}, {@code command} and {@code jdk} into the object begun, and
     * {@code environment}, the name of the file beside it.
     *
     * @param arguments the command line as typed, without the program's name; where results go is left out
     */
    public static void write(JsonGenerator json, List<String> arguments) throws IOException {
        json.writeStringField("version", version());
        json.writeStringField("commit", commit());
        strings(json, "command", withoutOut(arguments));
        json.writeStringField("jdk", System.getProperty("java.vm.version", UNKNOWN));
        json.writeStringField("environment", ENVIRONMENT);
    }

    /** Writes {@value #ENVIRONMENT} into {@code folder}: the command line as typed, when and where. */
    public static void writeEnvironment(Path folder, List<String> arguments) throws IOException {
        SafeFiles.writeText(folder.resolve(ENVIRONMENT), writer -> environment(writer, arguments));
    }

    private static void environment(Writer writer, List<String> arguments) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(writer)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("schema", SCHEMA);
            strings(json, "command", arguments);
            json.writeStringField("folder", System.getProperty("user.dir", UNKNOWN));
            json.writeStringField(
                    "written", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
            json.writeStringField("host", host());
            json.writeStringField(
                    "system",
                    System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                            + System.getProperty("os.arch"));
            json.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
            json.writeStringField("java", System.getProperty("java.vendor") + ", " + System.getProperty("java.home"));
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    /** {@code arguments} without the option that says where results go. */
    public static List<String> withoutOut(List<String> arguments) {
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals(OUT)) {
                i++;
            } else if (!argument.startsWith(OUT + "=")) {
                kept.add(argument);
            }
        }
        return kept;
    }

    /** The name of this host; no name service is asked, which could take long. */
    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException elsewhere) {
            String named = System.getenv("HOSTNAME");
            String windows = System.getenv("COMPUTERNAME");
            return named != null ? named : windows != null ? windows : UNKNOWN;
        }
    }

    private static void strings(JsonGenerator json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
