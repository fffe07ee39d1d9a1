using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Tests.Telemetry.Records;

/// <summary>What is kept of records that wait for a session.</summary>
public sealed class RecordPoolTests
{
    [Fact]
    public void Spare_TheLastThatCameBack_GoesFirst_SoThatNotAllComeToBeLarge()
    {
        var pool = new RecordPool(maxEntries: 100);
        var all = Enumerable.Range(0, 50).Select(_ => pool.Rent()).ToList();
        all.ForEach(pool.Return);
        // One session after the other has the same record, however many are spare.
        for (var n = 0; n < 200; n++)
        {
            var record = pool.Rent();
            Assert.Same(all[^1], record);
            pool.Return(record);
        }
    }

    [Fact]
    public void Spare_BeyondTheBound_AreLetGo()
    {
        var pool = new RecordPool(maxEntries: 100);
        var all = Enumerable.Range(0, 300).Select(_ => pool.Rent()).ToList();
        all.ForEach(pool.Return);
        var again = Enumerable.Range(0, 300).Select(_ => pool.Rent()).ToList();
        Assert.Equal(256, again.Count(all.Contains));
    }
}
