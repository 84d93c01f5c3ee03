package kemu.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher script, in a copy of the repository's outline, with Java and Maven played by small scripts. */
final class LauncherTest {
    private static final Path SH = Path.of("/bin/sh");

    @TempDir
    Path tmp;

    private Path kemu;

    private record Result(int exit, String out, String err) {}

    @BeforeEach
    void copyLauncher() throws IOException {
        assumeTrue(Files.isExecutable(SH), "no POSIX shell");
        Path repo = Files.createDirectories(tmp.resolve("repo with space"));
        kemu = repo.resolve("kemu");
        Files.copy(Repo.root().resolve("kemu"), kemu);
        script(kemu, Files.readString(kemu));
        for (String module : Repo.MODULES) {
            Files.createDirectories(repo.resolve(module + "/src/main/java"));
            Files.writeString(repo.resolve(module + "/pom.xml"), "<project/>");
        }
        Files.writeString(repo.resolve("pom.xml"), "<project/>");
    }

    @Test
    void shouldSayInOneLineWhenNoJava() throws Exception {
        Result r = run(Map.of("PATH", "", "KEMU_JDK_DIRS", tmp + "/none"), "run", "kbuild");
        assertEquals(70, r.exit);
        assertEquals("", r.out);
        assertOneLine(r.err, "needs a JDK 25 or later and found none");
    }

    @Test
    void shouldNameTheVersionFoundWhenTooOld() throws Exception {
        jdk("old", "17.0.15");
        Result r = run(Map.of("PATH", "", "JAVA_HOME", tmp + "/jdks/old", "KEMU_JDK_DIRS", tmp + "/jdks"));
        assertEquals(70, r.exit);
        assertOneLine(r.err, "found only Java 17:");
    }

    @Test
    void shouldRefuseWhenKemuJavaIsTooOldThoughOthersFit() throws Exception {
        jdk("old", "17.0.15");
        jdk("new", "25.0.1");
        Result r = run(Map.of("PATH", "", "KEMU_JAVA", tmp + "/jdks/old", "KEMU_JDK_DIRS", tmp + "/jdks"));
        assertEquals(70, r.exit);
        assertOneLine(r.err, "KEMU_JAVA=");
    }

    @ParameterizedTest
    @CsvSource({
        "apt-get apt-cache, sudo apt-get install openjdk-25-jdk-headless",
        "dnf, sudo dnf install java-25-openjdk-devel",
        "brew, brew install openjdk@25",
        "nothing, install one"
    })
    void shouldSayTheCommandThatInstallsOne(String tools, String command) throws Exception {
        Path bin = Files.createDirectories(tmp.resolve("tools"));
        for (String tool : tools.split(" ")) {
            script(bin.resolve(tool), "#!/bin/sh\nexit 0\n");
        }
        Result r = run(Map.of("PATH", bin.toString(), "KEMU_JDK_DIRS", tmp + "/none"), "run", "kbuild");
        assertEquals(70, r.exit);
        assertOneLine(r.err, "found none: " + command);
    }

    @Test
    void shouldNotNameAPackageThatAptDoesNotHave() throws Exception {
        Path bin = Files.createDirectories(tmp.resolve("tools"));
        script(bin.resolve("apt-get"), "#!/bin/sh\nexit 0\n");
        script(bin.resolve("apt-cache"), "#!/bin/sh\nexit 100\n");
        Result r = run(Map.of("PATH", bin.toString(), "KEMU_JDK_DIRS", tmp + "/none"));
        assertOneLine(r.err, "found none: install one");
    }

    @Test
    void shouldNameSdkmanWhereItIs() throws Exception {
        Path init = Files.createDirectories(tmp.resolve("home/.sdkman/bin")).resolve("sdkman-init.sh");
        Files.writeString(init, "# played\n");
        Result r = run(Map.of("PATH", "", "KEMU_JDK_DIRS", tmp + "/none"));
        assertOneLine(r.err, "sdk install java 25-tem");
    }

    @Test
    void shouldSayInOneLineWhenNeitherMavenNorWrapper() throws Exception {
        jdk("new", "25.0.1");
        Result r = run(Map.of("PATH", "", "KEMU_JDK_DIRS", tmp + "/jdks"));
        assertEquals(70, r.exit);
        assertOneLine(r.err, "found neither mvn on PATH nor");
    }

    @Test
    void shouldBuildWithTheWrapperWhenNoMavenIsInstalled() throws Exception {
        jdk("new", "25.0.1");
        script(
                kemu.resolveSibling("mvnw"),
                "#!/bin/sh\n[ -x \"$JAVA_HOME/bin/javac\" ] || exit 1\n"
                        + "mkdir -p harness/target/lib\necho x >harness/target/kemu.jar\n");
        Result r = run(Map.of("PATH", "", "KEMU_JDK_DIRS", tmp + "/jdks"), "list");
        assertEquals(3, r.exit, r.err);
        assertTrue(r.out.endsWith("arg=list\n"), r.out);
    }

    /** Its classes count as loaded, of both Cpus: what runs on a native one would be a third slower. */
    @Test
    void shouldLeaveTheCacheOfClassesOutWhereTheMachineIsNative() throws Exception {
        shouldBuildOnceThenStartAndPassTheExitCode();
        Files.writeString(kemu.resolveSibling("harness/target/kemu.aot"), "x");
        Map<String, String> env = Map.of("PATH", tmp + "/bin", "JAVA_HOME", tmp + "/jdks/new");
        for (String verb : List.of("check", "replay", "litmus", "list")) {
            assertTrue(run(env, verb, "x").out.contains("arg=-XX:AOTCache="), verb);
        }
        for (String verb : List.of("run", "bench")) {
            assertFalse(run(env, verb, "x").out.contains("AOTCache"), verb);
        }
    }

    @Test
    void shouldAskForHugePagesWhereTheHostGivesThemToWhoAsks() throws Exception {
        shouldBuildOnceThenStartAndPassTheExitCode();
        Path modes = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        boolean asked = Files.isReadable(modes) && Files.readString(modes).contains("[madvise]");
        String option = "arg=-XX:+UseTransparentHugePages\n";
        Map<String, String> env = new TreeMap<>(Map.of("PATH", tmp + "/bin", "JAVA_HOME", tmp + "/jdks/new"));
        assertEquals(asked, run(env, "run", "x").out.contains(option));
        assertFalse(run(env, "check", "x").out.contains(option));
        env.put("KEMU_OPTS", "-XX:-UseTransparentHugePages");
        assertFalse(run(env, "run", "x").out.contains(option));
    }

    @ParameterizedTest
    @CsvSource({
        "-XX:+UseParallelGC, -XX:+UseSerialGC",
        "-Xmx64m, -Xmx1g",
        "-XX:MaxRAMPercentage=50, -Xmx1g",
        "-XX:MaxHeapSize=64m, -Xmx1g"
    })
    void shouldLetTheUsersOptionWin(String given, String own) throws Exception {
        shouldBuildOnceThenStartAndPassTheExitCode();
        Map<String, String> env = Map.of("PATH", tmp + "/bin", "JAVA_HOME", tmp + "/jdks/new");
        assertTrue(run(env, "x").out.contains("arg=" + own + "\n"));
        for (String variable : List.of("KEMU_OPTS", "JDK_JAVA_OPTIONS")) {
            Map<String, String> more = new TreeMap<>(env);
            more.put(variable, "-Da=b " + given);
            assertFalse(run(more, "x").out.contains("arg=" + own + "\n"));
        }
    }

    @Test
    void shouldSayInOneLineWhenTheJvmDoesNotStart() throws Exception {
        shouldBuildOnceThenStartAndPassTheExitCode();
        script(
                tmp.resolve("jdks/new/bin/java"),
                "#!/bin/sh\necho 'Error occurred during initialization of VM'\necho 'No room.'\nexit 1\n");
        Map<String, String> env =
                Map.of("PATH", tmp + "/bin", "JAVA_HOME", tmp + "/jdks/new", "KEMU_OPTS", "-Xmx900000g");
        Result r = run(env, "x");
        assertEquals(70, r.exit);
        assertOneLine(r.err, "the JVM does not start: No room. (KEMU_OPTS=-Xmx900000g)");
    }

    @Test
    void shouldBuildOnceThenStartAndPassTheExitCode() throws Exception {
        jdk("new", "25.0.1");
        Path bin = maven("mkdir -p harness/target/lib\necho x >harness/target/kemu.jar");
        Map<String, String> env = Map.of("PATH", bin.toString(), "JAVA_HOME", tmp + "/jdks/new", "KEMU_OPTS", "-Da=b");
        Result first = run(env, "run", "a b");
        assertEquals(3, first.exit, first.err);
        assertOneLine(first.err, "building");
        assertTrue(first.err.contains("done in"), first.err);
        assertTrue(first.out.contains("arg=-Da=b\n"), first.out);
        assertTrue(first.out.endsWith("arg=run\narg=a b\n"), first.out);
        Result second = run(env, "x");
        assertEquals(3, second.exit);
        assertEquals("", second.err);
    }

    @Test
    void shouldBuildAgainWhenSourceIsNewer() throws Exception {
        shouldBuildOnceThenStartAndPassTheExitCode();
        Path source = kemu.resolveSibling("mm/src/main/java/New.java");
        Files.writeString(source, "class New {}");
        Files.setLastModifiedTime(
                source, java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 5_000));
        Result r = run(Map.of("PATH", tmp + "/bin", "JAVA_HOME", tmp + "/jdks/new"));
        assertOneLine(r.err, "building");
    }

    @Test
    void shouldShowTheEndOfTheLogWhenBuildFails() throws Exception {
        jdk("new", "25.0.1");
        Path bin = maven("echo '[ERROR] it broke'\nexit 1");
        Result r = run(Map.of("PATH", bin.toString(), "JAVA_HOME", tmp + "/jdks/new"));
        assertEquals(70, r.exit);
        assertTrue(r.err.contains("[ERROR] it broke"), r.err);
        assertTrue(r.err.contains("the build failed"), r.err);
    }

    @Test
    void shouldWorkThroughRelativeSymbolicLinkFromElsewhere() throws Exception {
        Path link = Files.createDirectories(tmp.resolve("links")).resolve("k");
        Files.createSymbolicLink(link, Path.of("../repo with space/kemu"));
        Path again = Files.createSymbolicLink(tmp.resolve("links/again"), Path.of("k"));
        kemu = again;
        jdk("new", "25.0.1");
        Path bin = maven("mkdir -p harness/target/lib\necho x >harness/target/kemu.jar");
        Result r = run(Map.of("PATH", bin.toString(), "JAVA_HOME", tmp + "/jdks/new"), "list");
        assertEquals(3, r.exit, r.err);
        assertTrue(r.out.contains("repo with space/harness/target/kemu.jar"), r.out);
    }

    private static void assertOneLine(String text, String part) {
        assertTrue(text.contains(part), text);
        assertEquals(1, text.lines().count(), text);
        assertTrue(text.endsWith("\n"), text);
    }

    /** A JDK that prints its arguments and exits with 3. */
    private void jdk(String name, String version) throws IOException {
        Path home = tmp.resolve("jdks").resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(
                home.resolve("bin/java"),
                "#!/bin/sh\nfor a in \"$@\"; do [ \"$a\" != -version ] || exit 0; done\n"
                        + "for a in \"$@\"; do echo \"arg=$a\"; done\nexit 3\n");
        script(home.resolve("bin/javac"), "#!/bin/sh\nexit 1\n");
    }

    private Path maven(String body) throws IOException {
        Path bin = Files.createDirectories(tmp.resolve("bin"));
        script(bin.resolve("mvn"), "#!/bin/sh\n" + body + "\n");
        return bin;
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Result run(Map<String, String> env, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(SH.toString(), kemu.toString()));
        command.addAll(List.of(args));
        ProcessBuilder b = new ProcessBuilder(command).directory(tmp.toFile());
        b.environment().clear();
        b.environment().put("HOME", tmp.resolve("home").toString());
        b.environment().putAll(env);
        Path out = tmp.resolve("out.txt");
        Path err = tmp.resolve("err.txt");
        Process p = b.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        int exit = p.waitFor();
        return new Result(
                exit, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
