package kemu.litmus.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kemu.litmus.LitmusFiles;
import kemu.litmus.Verdicts;

/**
 * The tests that come with kemu, under {@code litmus/} of its jar: written {@code corpus:} for all, {@code corpus:NAME}
 * for a folder or one of them.
 */
public final class BuiltIn {
    /** How they begin on the command line. */
    public static final String PREFIX = "corpus:";

    private static final String ROOT = "/litmus/";
    private static final String EXPECTED = ROOT + "expected.csv";

    private BuiltIn() {}

    /** Whether {@code given} means tests from here. */
    public static boolean isMeant(Path given) {
        return given.toString().startsWith(PREFIX);
    }

    /** The tests that {@code given} means; empty if it means none. */
    public static List<Path> find(Path given) throws IOException {
        String name = given.toString().substring(PREFIX.length());
        Path root = root();
        return LitmusFiles.find(List.of(root)).stream()
                .filter(file -> name.isEmpty() || matches(root.relativize(file).toString(), name))
                .toList();
    }

    private static boolean matches(String file, String name) {
        String path = file.replaceFirst("\\.litmus$", "");
        String wanted = name.replaceFirst("\\.litmus$", "");
        return path.equals(wanted)
                || path.startsWith(wanted.endsWith("/") ? wanted : wanted + "/")
                || path.endsWith("/" + wanted);
    }

    private static Path root() throws IOException {
        URL expected = BuiltIn.class.getResource(EXPECTED);
        try {
            URI uri = expected.toURI();
            if (!uri.getScheme().equals("jar")) {
                return Path.of(uri).getParent();
            }
            return inJar(uri).getParent();
        } catch (URISyntaxException impossible) {
            throw new IOException(impossible);
        }
    }

    private static Path inJar(URI uri) throws IOException {
        try {
            // Open until the process ends: its files are read later.
            return FileSystems.newFileSystem(uri, Map.of()).getPath(EXPECTED);
        } catch (FileSystemAlreadyExistsException open) {
            return FileSystems.getFileSystem(uri).getPath(EXPECTED);
        }
    }

    /** Verdicts of the kernel's model on all of them, argued by hand. */
    public static Verdicts expected() {
        try (InputStream in = BuiltIn.class.getResourceAsStream(EXPECTED)) {
            return Verdicts.of(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
