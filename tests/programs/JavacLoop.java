import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compiles the sources of a folder over and over, as a large and ordinary program: {@code JavacLoop SOURCES SECONDS}. Needs a
 * JDK with a compiler.
 */
public final class JavacLoop {
    public static void main(String[] args) throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.list(Path.of(args[0]))) {
            sources = files.filter(file -> file.toString().endsWith(".java")).sorted().collect(Collectors.toList());
        }
        long end = System.nanoTime() + (long) (Truth.number(args, 1, 20) * 1e9);
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        Path classes = Files.createTempDirectory("javac-loop");
        int rounds = 0;
        while (System.nanoTime() < end) {
            try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
                List<String> options = List.of("-d", classes.toString());
                if (!javac.getTask(null, files, null, options, null, files.getJavaFileObjectsFromPaths(sources)).call()) {
                    throw new IllegalStateException("the sources do not compile");
                }
            }
            rounds++;
        }
        delete(classes);
        Truth.tell("rounds", rounds);
        Truth.tellProcessCpu();
    }

    private static void delete(Path dir) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(dir)) {
            walk.forEach(paths::add);
        }
        for (int i = paths.size() - 1; i >= 0; i--) {
            Files.delete(paths.get(i));
        }
    }
}
