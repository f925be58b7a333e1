import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Spends its CPU below Java: deflate and CRC in libzip, file reads in libc and the kernel, array copies. {@code NativeCalls CPU_SECONDS}. */
public final class NativeCalls {
    private static volatile long sink;

    public static void main(String[] args) throws IOException {
        long end = Truth.threadCpuNanos() + (long) (Truth.number(args, 0, 3) * 1e9);
        byte[] data = new byte[1 << 20];
        new Random(1).nextBytes(data);
        for (int i = 0; i < data.length; i++) {
            data[i] &= 0x1f;
        }
        Path path = Files.createTempFile("native-calls", ".bin");
        try {
            Files.write(path, data);
            while (Truth.threadCpuNanos() < end) {
                deflate(data);
                checksum(data);
                readFile(path);
                copy(data);
            }
        } finally {
            Files.delete(path);
        }
        Truth.tellProcessCpu();
    }

    static void deflate(byte[] data) {
        Deflater deflater = new Deflater(9);
        try {
            deflater.setInput(data);
            deflater.finish();
            byte[] out = new byte[data.length];
            while (!deflater.finished()) {
                sink += deflater.deflate(out);
            }
        } finally {
            deflater.end();
        }
    }

    static void checksum(byte[] data) {
        CRC32 crc = new CRC32();
        for (int i = 0; i < 20; i++) {
            crc.update(data);
        }
        sink += crc.getValue();
    }

    static void readFile(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            byte[] block = new byte[64 * 1024];
            for (int i = 0; i < 20; i++) {
                file.seek(0);
                while (file.read(block) > 0) {
                    sink += block[0];
                }
            }
        }
    }

    static void copy(byte[] data) {
        byte[] target = new byte[data.length];
        for (int i = 0; i < 50; i++) {
            System.arraycopy(data, 0, target, 0, data.length);
        }
        sink += target[7];
    }
}
