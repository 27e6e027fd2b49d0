using Pipelines.Hosting;
using Pipelines.Kafka.Settings;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>The page tells what there is.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void Every_setting_of_the_connection_is_on_the_page()
    {
        string page = string.Join('\n', Page.Read());
        Assert.All(SettingNames.All, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
        Assert.Contains($"`Pipelines:{nameof(PipelinesOptions.CreateTopics)}`", page, StringComparison.Ordinal);
    }
}
