using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SecureStore.EndToEnd;

/// <summary>A stop in good order: what is being stored is stored, and nothing is handed over before that.</summary>
public class StopTests
{
    [Fact]
    public async Task The_server_stops_before_the_sessions_and_the_sessions_before_the_grains()
    {
        await using var archive = await InProcessArchive.StartAsync();

        // They stop in the opposite order.
        var started = archive.Services.GetServices<IHostedService>().Select(service => service.GetType().Name).ToList();
        var (grains, sessions, server) = (started.IndexOf("SiloHostedService"), started.IndexOf("Maintenance"), started.IndexOf("GenericWebHostService"));
        Assert.True(grains >= 0 && grains < sessions && sessions < server, string.Join(", ", started));
        Assert.Equal(started.Count - 1, server);
    }

    [Fact]
    public async Task What_is_being_stored_when_the_archive_stops_is_stored()
    {
        using var folder = new TemporaryFolder();
        var one = new TestInstance { Rows = 512, Columns = 512 };
        var file = await one.FileAsync();
        await using (var archive = await InProcessArchive.StartAsync(folder: folder.Path))
        {
            var client = await archive.Client.WithTokenAsync();
            using var body = new HeldBody(file);
            var stored = client.Http.PostAsync(new Uri("/dicom-web/studies", UriKind.Relative), body);
            await body.HalfSent;

            var lifetime = archive.Services.GetRequiredService<IHostApplicationLifetime>();
            var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lifetime.ApplicationStopping.Register(stopping.SetResult);
            var stopped = archive.StopAsync();
            await stopping.Task;
            body.Release();
            using var response = await stored;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await stopped;
        }

        await using var again = await InProcessArchive.StartAsync(folder: folder.Path);
        var reader = await again.Client.WithTokenAsync();
        Assert.Equal(file, (await reader.FetchAsync(one.Study, one.Series, one.Instance)).Body);
    }

    /// <summary>A STOW-RS body of one instance that comes in two halves, the second when the test says so.</summary>
    private sealed class HeldBody : HttpContent
    {
        private readonly TaskCompletionSource halfSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly byte[] instance;
        private readonly MultipartContent whole;

        public HeldBody(byte[] instance)
        {
            this.instance = instance;
            whole = ArchiveClient.Multipart([instance]);
            Headers.ContentType = MediaTypeHeaderValue.Parse(whole.Headers.ContentType!.ToString());
        }

        public Task HalfSent => halfSent.Task;

        public void Release() => released.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var bytes = await whole.ReadAsByteArrayAsync();
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length - instance.Length / 2));
            await stream.FlushAsync();
            halfSent.SetResult();
            await released.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length - instance.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            whole.Dispose();
            base.Dispose(disposing);
        }
    }
}
