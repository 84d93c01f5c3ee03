package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import kemu.tidy.Repo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plugin from an empty folder: what {@code kemu new} says to type next is typed, by a shell, and works. Maven is
 * offline and finds kemu in a repository of this test, where it would be after {@code mvn install}, which is the only
 * line left out; everything else is what the local repository already has.
 */
class PluginAsTypedIT {
    private static final List<String> MODULES = List.of("hw", "rcu", "mm", "harness");

    @TempDir
    private Path folder;

    private record Ran(int code, String out) {}

    private Ran shell(String line) throws IOException, InterruptedException {
        ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-c", line)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        String java = System.getProperty("java.home");
        shell.environment().put("KEMU_JAVA", java);
        shell.environment().put("JAVA_HOME", java);
        shell.environment().put("PATH", folder.resolve("bin") + File.pathSeparator + System.getenv("PATH"));
        Process process = shell.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), line + "\n" + said);
    }

    /** A {@code mvn} that is offline, and whose repository has kemu as well. */
    private void offlineMaven() throws IOException {
        String maven = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(one -> one + "/mvn")
                .filter(one -> Files.isExecutable(Path.of(one)))
                .findFirst()
                .orElse(null);
        assumeTrue(maven != null, "no Maven on PATH");
        Path local =
                Path.of(System.getProperty("localRepository", System.getProperty("user.home") + "/.m2/repository"));
        assumeTrue(Files.isDirectory(local), "no local repository");
        Path repository = Files.createDirectory(folder.resolve("repository"));
        try (Stream<Path> groups = Files.list(local)) {
            for (Path group : groups.toList()) {
                if (!group.endsWith("kemu")) {
                    Files.createSymbolicLink(repository.resolve(group.getFileName()), group);
                }
            }
        }
        install(repository.resolve("kemu"));
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path script = bin.resolve("mvn");
        Files.writeString(
                script, "#!/bin/sh\nexec " + maven + " -o -B -ntp '-Dmaven.repo.local=" + repository + "' \"$@\"\n");
        assertTrue(script.toFile().setExecutable(true));
    }

    private static void install(Path group) throws IOException {
        String version = version();
        put(Repo.root().resolve("pom.xml"), group.resolve("kemu-parent"), version, ".pom");
        for (String module : MODULES) {
            Path of = Repo.root().resolve(module);
            Path to = group.resolve("kemu-" + module);
            put(of.resolve("pom.xml"), to, version, ".pom");
            Path jar = module.equals("harness")
                    ? of.resolve("target/kemu.jar")
                    : Repo.root().resolve("harness/target/lib/kemu-" + module + "-" + version + ".jar");
            put(jar, to, version, ".jar");
        }
    }

    private static void put(Path file, Path to, String version, String ending) throws IOException {
        Path folder = Files.createDirectories(to.resolve(version));
        Files.copy(
                file, folder.resolve(to.getFileName() + "-" + version + ending), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String version() throws IOException {
        String pom = Files.readString(Repo.root().resolve("pom.xml"));
        return pom.replaceFirst("(?s).*?<artifactId>kemu-parent</artifactId>\\s*<version>([^<]+)</version>.*", "$1");
    }

    /** What follows {@code next:}, without what is said of it. */
    private List<String> next(String kind) {
        Kemu.Ended wrote = Kemu.run(folder, "new", kind, "mine").withCode(0);
        // How the word KEMU is read: the folder of kemu.
        link(folder.resolve("KEMU"), Installation.launcher().getParent());
        return wrote.out()
                .lines()
                .dropWhile(line -> !line.equals("next:"))
                .skip(1)
                .takeWhile(line -> line.startsWith("  "))
                .map(line -> line.replaceFirst(" {3}# .*", "").strip())
                .toList();
    }

    private static void link(Path link, Path to) {
        try {
            Files.createSymbolicLink(link, to);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void build(List<String> typed) throws IOException, InterruptedException {
        assertTrue(typed.get(0).endsWith("&& mvn -q install -Dmaven.test.skip=true)"), typed::toString);
        assertEquals("mvn -q package -f mine/pom.xml", typed.get(1));
        offlineMaven();
        Ran built = shell(typed.get(1));
        assertEquals(0, built.code, built.out);
        assertTrue(Files.isRegularFile(folder.resolve("mine/target/mine.jar")), built.out);
        try (Stream<Path> reports = Files.list(folder.resolve("mine/target/surefire-reports"))) {
            String told = reports.filter(one -> one.toString().endsWith(".txt"))
                    .map(PluginAsTypedIT::read)
                    .findFirst()
                    .orElse("none");
            assertTrue(told.matches("(?s).*Tests run: [1-9][0-9]*, Failures: 0, Errors: 0, Skipped: 0.*"), told);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            return gone.toString();
        }
    }

    private void says(String line, Set<Integer> codes, String... parts) throws IOException, InterruptedException {
        Ran ran = shell(line);
        assertTrue(codes.contains(ran.code), ran.code + ": " + ran.out);
        for (String part : parts) {
            assertTrue(ran.out.contains(part), ran.out);
        }
    }

    /** The test with its soak, every scenario about lookups (each for a moment), and a build of a kernel. */
    @Test
    void shouldTakeAStrategyFromNothingToARun() throws Exception {
        List<String> typed = next("strategy");
        assertEquals(4, typed.size(), typed::toString);
        build(typed);
        assertTrue(
                typed.get(2).endsWith(" check all --anon-vma mine --variant mine --plugin mine/target/mine.jar"),
                typed::toString);
        says(typed.get(2) + " --budget 2s", Set.of(0, 3), "rmap-hang-child", " differ=0 ", " broken=0 ");
        assertTrue(typed.get(3).contains(" run kbuild --anon-vma mine "), typed::toString);
        says(typed.get(3), Set.of(0), "anon_vma=mine", "verdict=PASS");
    }

    @Test
    void shouldTakeAModelFromNothingToAConviction() throws Exception {
        List<String> typed = next("model");
        assertEquals(4, typed.size(), typed::toString);
        build(typed);
        says(typed.get(2), Set.of(0), "WRC+rel+po", "engine=kernel model=mine verdict=PASS", " unsound=0 ");
        says(typed.get(3), Set.of(1), "model=mine", "kind=half-made");
    }
}
