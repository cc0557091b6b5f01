//! What planners wait for.

mod certificate;

use chassis::BoxError;

/// Answers the figures.
pub async fn planning() -> Result<Vec<String>, BoxError> {
    let figures = tokio::task::spawn_blocking(certificate::certificate).await?;
    Ok(figures)
}
