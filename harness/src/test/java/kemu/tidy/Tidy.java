package kemu.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is checked about source files as text; each breach is one line naming file, line and rule. */
final class Tidy {
    static final int MAX_LINES = 600;
    static final int MAX_COLUMNS = 120;

    private static final Pattern SYNCHRONIZED = Pattern.compile("\\bsynchronized\\b");
    private static final Pattern FINALLY = Pattern.compile("\\bfinally\\b");
    private static final Pattern UNFINISHED = Pattern.compile("\\b(TODO|FIXME|XXX)\\b");
    /** A page's size, or its power of two in a shift; 1 << 12 is a bit. */
    private static final Pattern PAGE_NUMBER = Pattern.compile(
            "PAGE\\w*\\s*=\\s*-?(4096L?|12|1L? << 12)\\b|& ?-?409[56]L?\\b|(?<!\\b1L?) (<<|>>>?) 12\\b");

    private static final String PAGE_SIZE_HOME = "hw/src/main/java/kemu/hw/mem/PhysMem.java";
    private static final Pattern PACKAGE_DOC = Pattern.compile("(?s).*/\\*\\*.{20,}?\\*/.*\\bpackage\\s.*");
    /** Comments, text blocks, strings and character literals, so that words in them are not taken for code. */
    private static final Pattern NOT_CODE = Pattern.compile(
            "(?s)/\\*.*?\\*/|//[^\\n]*|\"\"\".*?\"\"\"|" + "\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*'");

    private Tidy() {}

    /**
     * All breaches under the modules of {@code root}, empty when tidy.
     *
     * @param mayLock files of hw that may use {@code synchronized}; one that does not is a breach, too
     */
    static List<String> check(Path root, Set<String> mayLock) {
        Set<String> locking = new TreeSet<>(mayLock);
        List<String> breaches = new ArrayList<>();
        for (String module : Repo.MODULES) {
            Path main = root.resolve(module).resolve("src/main/java");
            boolean kernel = module.equals("rcu") || module.equals("mm");
            boolean emulated = kernel || module.equals("hw");
            for (Path file : javaFiles(root.resolve(module).resolve("src"))) {
                String text = read(file);
                String name = root.relativize(file).toString();
                checkShape(name, text, breaches);
                if (file.startsWith(main)) {
                    String code = blankNonCode(text);
                    ban(name, text, UNFINISHED, "unfinished: finish it or file an issue", breaches);
                    boolean excused =
                            mayLock.contains(name) && SYNCHRONIZED.matcher(code).find();
                    if (excused) {
                        locking.remove(name);
                    } else if (emulated) {
                        ban(name, code, SYNCHRONIZED, "synchronized: kernel locks are structs", breaches);
                    }
                    if (!name.equals(PAGE_SIZE_HOME)) {
                        ban(name, code, PAGE_NUMBER, "a page's size: PhysMem says it", breaches);
                    }
                    if (kernel) {
                        ban(name, code, FINALLY, "finally: unlocking after a KernelBug destroys evidence", breaches);
                    }
                }
            }
            checkPackages(root, main, breaches);
        }
        locking.forEach(name -> breaches.add(name + ": needs no synchronized, take it off the list"));
        return breaches;
    }

    private static void checkShape(String name, String text, List<String> breaches) {
        String[] lines = text.split("\n", -1);
        int count = text.endsWith("\n") ? lines.length - 1 : lines.length;
        if (count > MAX_LINES) {
            breaches.add(name + ": " + count + " lines, at most " + MAX_LINES);
        }
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].codePointCount(0, lines[i].length()) > MAX_COLUMNS) {
                breaches.add(name + ":" + (i + 1) + ": longer than " + MAX_COLUMNS + " columns");
            }
            if (lines[i].indexOf('\t') >= 0) {
                breaches.add(name + ":" + (i + 1) + ": tab");
            }
        }
    }

    private static void checkPackages(Path root, Path main, List<String> breaches) {
        TreeSet<Path> packages = new TreeSet<>();
        for (Path file : javaFiles(main)) {
            packages.add(file.getParent());
        }
        for (Path folder : packages) {
            Path info = folder.resolve("package-info.java");
            if (!Files.isRegularFile(info)) {
                breaches.add(root.relativize(folder) + ": no package-info.java");
            } else if (!PACKAGE_DOC.matcher(read(info)).matches()) {
                breaches.add(root.relativize(info) + ": does not say what the package is for");
            }
        }
    }

    /**
     * Simple names that several classes of the shipped sources have, each with its files; empty if every name says
     * which class is meant.
     */
    static List<String> checkNames(Path root) {
        TreeMap<String, List<String>> files = new TreeMap<>();
        for (String module : Repo.MODULES) {
            for (Path file : javaFiles(root.resolve(module).resolve("src/main/java"))) {
                String name = file.getFileName().toString().replace(".java", "");
                files.computeIfAbsent(name, none -> new ArrayList<>())
                        .add(root.relativize(file).toString());
            }
        }
        files.remove("package-info");
        files.values().removeIf(of -> of.size() == 1);
        List<String> breaches = new ArrayList<>();
        files.forEach((name, of) -> breaches.add(name + ": the name of several classes: " + String.join(", ", of)));
        return breaches;
    }

    private static void ban(String name, String code, Pattern word, String why, List<String> breaches) {
        var m = word.matcher(code);
        while (m.find()) {
            long line = 1
                    + code.substring(0, m.start())
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            breaches.add(name + ":" + line + ": " + why);
        }
    }

    /** The text with everything that is no code blanked, line breaks kept. */
    static String blankNonCode(String text) {
        return NOT_CODE.matcher(text).replaceAll(r -> r.group().replaceAll("[^\\n]", " "));
    }

    private static List<Path> javaFiles(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(".java")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
