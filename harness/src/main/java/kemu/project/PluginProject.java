package kemu.project;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import kemu.host.JvmOptions;
import kemu.host.SafeFiles;
import kemu.host.Shell;

/**
 * A small Maven project with one class that does something from the start, one test, and the entry by which kemu finds
 * the class in the jar.
 *
 * @param kind what it is for
 * @param name what the plugin is called on the command line
 * @param version of the kemu that it is made for
 */
public record PluginProject(PluginKind kind, String name, String version) {
    /** What a name may be: it becomes that of a class, of a jar and of a word on command lines. */
    public static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

    private static final String PACKAGE = "plugin";

    /** Files, by their paths in the project, and what is in them. */
    public Map<String, String> files() {
        String type = kind.className(name);
        Map<String, String> files = new LinkedHashMap<>();
        files.put("pom.xml", fill("pom.xml"));
        files.put("src/main/java/" + PACKAGE + "/" + type + ".java", fill(kind.word()));
        files.put("src/main/resources/META-INF/services/" + kind.service().getName(), PACKAGE + "." + type + "\n");
        files.put("src/test/java/" + PACKAGE + "/" + type + "Test.java", fill(kind.word() + "-test"));
        return files;
    }

    private String fill(String template) {
        try (InputStream in = PluginProject.class.getResourceAsStream(template + ".txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@name@", name)
                    .replace("@Class@", kind.className(name))
                    .replace("@version@", version)
                    .replace("@argLine@", String.join(" ", JvmOptions.REQUIRED));
        } catch (IOException damaged) {
            throw new IllegalStateException("kemu.jar is damaged: " + template, damaged);
        }
    }

    /** Writes all files into {@code folder}, which is made if need be. */
    public void write(Path folder) throws IOException {
        for (Map.Entry<String, String> file : files().entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            SafeFiles.writeString(path, file.getValue());
        }
    }

    /**
     * What to type next, with what each line does.
     *
     * @param folder of the project
     * @param kemu the folder of kemu's sources, as a shell would have it
     */
    public List<String> next(Path folder, String kemu) {
        String jar = Shell.quote(folder.resolve("target").resolve(name + ".jar").toString());
        List<String> lines = new ArrayList<>();
        lines.add("(cd " + kemu + " && mvn -q install -Dmaven.test.skip=true)   # once: Maven then knows kemu "
                + version);
        lines.add(
                "mvn -q package -f " + Shell.quote(folder.resolve("pom.xml").toString()) + "   # builds and tests it");
        for (String command : kind.commands(name)) {
            lines.add(kemu + "/kemu " + command + " --plugin " + jar);
        }
        return lines;
    }
}
