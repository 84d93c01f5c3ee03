package kemu.campaign;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.host.SafeFiles;
import kemu.input.TextFile;
import kemu.input.TooLargeException;
import kemu.option.UsageException;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The keys and values of one level of a YAML file, of which every one knows its line. */
final class YamlMap {
    private static final int LARGEST = 1 << 20;

    private final Path file;
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    private YamlMap(Path file, MappingNode node) {
        this.file = file;
        for (NodeTuple tuple : node.getValue()) {
            Node key = tuple.getKeyNode();
            if (!(key instanceof ScalarNode word)) {
                throw mistake(line(key), "a list or a map in the place of a key");
            }
            if (values.put(word.getValue(), tuple.getValueNode()) != null) {
                throw mistake(line(key), word.getValue() + ": given twice");
            }
            lines.put(word.getValue(), line(key));
        }
    }

    /** Reads {@code file}; throws {@link UsageException} if there is no such map in it. */
    static YamlMap read(Path file) {
        try {
            String text = TextFile.read(file, LARGEST);
            Node root = new Compose(LoadSettings.builder().setLabel("").build())
                    .composeString(text)
                    .orElseThrow(() -> new UsageException(file + ": is empty (allowed: a campaign in YAML)"));
            if (root instanceof MappingNode map) {
                return new YamlMap(file, map);
            }
            throw new UsageException(file + ":" + line(root) + ": no map of keys and values");
        } catch (MarkedYamlEngineException wrong) {
            int line = wrong.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw new UsageException(file + ":" + line + ": no YAML: " + wrong.getProblem());
        } catch (YamlEngineException | StackOverflowError wrong) {
            throw new UsageException(file + ": no YAML that can be read: "
                    + (wrong instanceof StackOverflowError ? "nested too deep" : wrong.getMessage()));
        } catch (CharacterCodingException binary) {
            throw new UsageException(file + ": not text in UTF-8");
        } catch (TooLargeException large) {
            throw new UsageException(file + ": " + large.getMessage());
        } catch (IOException unreadable) {
            throw new UsageException(file + ": cannot be read (" + SafeFiles.reason(unreadable) + ")");
        }
    }

    private static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    private UsageException mistake(int line, String what) {
        return new UsageException(file + ":" + line + ": " + what);
    }

    /** A mistake in the value of {@code key}. */
    UsageException mistake(String key, String what) {
        return mistake(line(key), key + ": " + what);
    }

    /** Throws if there is a key that is none of {@code allowed}. */
    void requireKeys(Collection<String> allowed) {
        for (String key : values.keySet()) {
            if (!allowed.contains(key)) {
                String nearest = UsageException.nearest(key, allowed);
                throw mistake(
                        line(key),
                        "unknown key '" + key + "' (" + (nearest == null ? "" : "did you mean '" + nearest + "'? ")
                                + "allowed: " + String.join(", ", allowed) + ")");
            }
        }
    }

    /** True if {@code key} is given. */
    boolean has(String key) {
        return values.containsKey(key);
    }

    /** The keys that are given, in their order. */
    Collection<String> keys() {
        return values.keySet();
    }

    /** The line of {@code key}, from 1; 1 if it is not given. */
    int line(String key) {
        return lines.getOrDefault(key, 1);
    }

    /** The text of {@code key}; null if it is not given. */
    String text(String key) {
        Node node = values.get(key);
        if (node == null) {
            return null;
        }
        if (node instanceof ScalarNode word && !word.getValue().isBlank()) {
            return word.getValue().strip();
        }
        throw mistake(line(node), key + ": one value is needed");
    }

    /** The texts of {@code key}: a list, or one value; empty if it is not given. */
    List<String> list(String key) {
        if (!(values.get(key) instanceof SequenceNode sequence)) {
            String one = text(key);
            return one == null ? List.of() : List.of(one);
        }
        List<String> texts = new ArrayList<>();
        for (Node node : sequence.getValue()) {
            if (!(node instanceof ScalarNode word) || word.getValue().isBlank()) {
                throw mistake(line(node), key + ": a list of single values is needed");
            }
            texts.add(word.getValue().strip());
        }
        if (texts.isEmpty()) {
            throw mistake(key, "is empty (allowed: one value or more)");
        }
        return texts;
    }

    /** The whole number of {@code key}, {@code usual} if it is not given. */
    int number(String key, int usual, int least, int most) {
        String given = text(key);
        try {
            int number = given == null ? usual : Integer.parseInt(given);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException none) {
            // Told below.
        }
        throw mistake(key, given + " (allowed: " + least + ".." + most + ")");
    }

    /** The map of {@code key}; null if it is not given. */
    YamlMap map(String key) {
        Node node = values.get(key);
        if (node == null) {
            return null;
        }
        if (node instanceof MappingNode map) {
            return new YamlMap(file, map);
        }
        throw mistake(line(node), key + ": a map of keys and values is needed");
    }
}
