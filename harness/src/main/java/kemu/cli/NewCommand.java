package kemu.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import kemu.host.SafeFiles;
import kemu.host.Shell;
import kemu.option.UsageException;
import kemu.project.PluginKind;
import kemu.project.PluginProject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kemu new}: a Maven project to write a plugin in. */
@Command(
        name = "new",
        description = "Writes a Maven project for a plugin that builds, and whose test passes.",
        mixinStandardHelpOptions = true)
final class NewCommand implements Callable<Integer> {
    private static final int LONGEST = 40;

    @Parameters(index = "0", paramLabel = "KIND", description = "strategy, spinlock, scenario, model, workload")
    private String word;

    @Parameters(
            index = "1",
            paramLabel = "NAME",
            description = "what it is called on the command line: small letters, digits, and dashes between them")
    private String name;

    @Option(
            names = "-o",
            paramLabel = "DIR",
            description = "folder to write, which is empty or not there (default: NAME)")
    private Path given;

    @Override
    public Integer call() {
        UsageException.requireOneOf("kind", word, PluginKind.words());
        PluginKind kind = PluginKind.of(word);
        if (name.length() > LONGEST || !PluginProject.NAME.matcher(name).matches()) {
            throw new UsageException("name: '" + name + "' (allowed: small letters, digits, and dashes between them, at"
                    + " most " + LONGEST + ", a letter first)");
        }
        if (kind.taken().contains(name)) {
            throw new UsageException("name: '" + name + "' is a " + word + " of kemu");
        }
        Path folder = given != null ? given : Path.of(name);
        PluginProject project = new PluginProject(kind, name, Version.current());
        try {
            requireEmpty(folder);
            project.write(folder);
        } catch (IOException cannot) {
            throw new UsageException("-o: cannot use directory " + folder + " (" + SafeFiles.reason(cannot) + ")");
        }
        System.out.println("wrote, in " + folder + ":");
        project.files().keySet().forEach(file -> System.out.println("  " + file));
        System.out.println("next:");
        project.next(folder, sources()).forEach(line -> System.out.println("  " + line));
        System.out.println(
                "SUMMARY verb=new kind=" + word + " files=" + project.files().size());
        return 0;
    }

    private static void requireEmpty(Path folder) throws IOException {
        UsageException.requireFolder("-o", folder);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> there = Files.list(folder)) {
            if (there.findAny().isPresent()) {
                throw new UsageException(
                        "-o: " + folder + " is not empty (allowed: an empty folder, or one to be made)");
            }
        }
    }

    /**
     * The folder of kemu's sources, in which kemu.jar is built; a word that stands for it where the jar is elsewhere.
     */
    private static String sources() {
        CodeSource source = NewCommand.class.getProtectionDomain().getCodeSource();
        try {
            Path at = source == null ? null : Path.of(source.getLocation().toURI());
            while (at != null && !Files.isExecutable(at.resolve("kemu"))) {
                at = at.getParent();
            }
            return at == null || Files.isDirectory(at.resolve("kemu")) ? "KEMU" : Shell.quote(at.toString());
        } catch (URISyntaxException | IllegalArgumentException elsewhere) {
            return "KEMU";
        }
    }
}
